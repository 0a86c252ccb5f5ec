// What django-audit-log's view sets do: a record that says what was done to which kind of object, by itself.

import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { createReporter } from '../lib/reporter.js'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import { type Check, type Checks, checkBoolean, checkOptions, isObject } from '../lib/validate.js'
import type { AuditLogger } from '../logger/audit-logger.js'

/** What was done, in the words of Django REST framework. */
export type AuditedAction = 'list' | 'retrieve' | 'create' | 'update' | 'partial_update' | 'destroy'

/** What `audited(objectName, options)` takes. */
export interface AuditedOptions {
  /**
   * The properties of what is sent that are recorded as results.
   * @default all
   */
  readonly fields?: readonly string[] | undefined
  /**
   * Records also lists that are sent, and not single objects alone.
   * @default false
   */
  readonly listResults?: boolean | undefined
  /**
   * What is done, where the method does not tell: a search by POST, or a page of a list that is sent as an object.
   * @default by method; a GET that sends an array is a `list`
   */
  readonly action?: AuditedAction | undefined
  /**
   * The parameters of route and query that are recorded as filter.
   * @default all
   */
  readonly filterFields?: readonly string[] | undefined
}

/** What a framework knows of a request. Parameters are asked at its end, when its route is certain. */
export interface AskedRequest {
  readonly method: string | undefined
  readonly route: string | undefined
  params(): unknown
  query(): unknown
}

/** Suggests what the record says, and gives what is to be called with the body that is sent. */
export type Suggester = (logger: AuditLogger | undefined, asked: AskedRequest) => (body: unknown) => void

const MESSAGES: Record<AuditedAction, (objectName: string) => string> = {
  list: (objectName) => `List ${objectName}`,
  retrieve: (objectName) => `Retrieve ${objectName}`,
  create: (objectName) => `Created ${objectName} object`,
  update: (objectName) => `Update of ${objectName}`,
  partial_update: (objectName) => `Partial update of ${objectName}`,
  destroy: (objectName) => `Destroy ${objectName}`,
}

const ACTIONS = new Map<string | undefined, AuditedAction>([
  ['GET', 'retrieve'],
  ['HEAD', 'retrieve'],
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'partial_update'],
  ['DELETE', 'destroy'],
])

const checkNames: Check = {
  expected: 'an array of names',
  accepts: (value) => Array.isArray(value) && Array.from(value).every((name) => typeof name === 'string'),
}

const CHECKS: Checks<AuditedOptions> = {
  fields: checkNames,
  listResults: checkBoolean,
  action: {
    expected: Object.keys(MESSAGES)
      .map((action) => `'${action}'`)
      .join(', '),
    accepts: (value) => typeof value === 'string' && Object.hasOwn(MESSAGES, value),
  },
  filterFields: checkNames,
}

/** @throws AuditLogError `ERR_AUDIT_OPTIONS` */
export function createSuggestionFiller(objectName: string, given: AuditedOptions = {}): Suggester {
  if (typeof objectName !== 'string' || objectName === '') {
    const message = `Expected the name of an object, as in audited('Person'), got ${describeValue(objectName)}`
    throw new AuditLogError('ERR_AUDIT_OPTIONS', message)
  }
  const {
    fields,
    listResults = false,
    action: said,
    filterFields,
  } = checkOptions<AuditedOptions>(given, CHECKS)
  const reporter = createReporter()

  return (logger, asked) => {
    if (logger === undefined) {
      const cause = 'no auditLog() middleware came before it'
      reporter.reportOnce('ERR_AUDIT_CONTEXT', 'audited() has no record to fill', cause)
      return () => {}
    }
    const action = said ?? ACTIONS.get(asked.method)
    logger.suggest({
      filter: () => ({
        object: objectName,
        kwargs: choose(
          readSafely(() => filterOf(asked)),
          filterFields,
        ),
      }),
      message: action && MESSAGES[action](objectName),
      route: asked.route,
    })
    return (body) =>
      readSafely(() => {
        const isArray = Array.isArray(body)
        if (isArray && said === undefined && action === 'retrieve') {
          logger.suggestMessage(MESSAGES.list(objectName))
        }
        if (listResults || !(isArray || said === 'list')) logger.suggestResults(choose(body, fields))
      })
  }
}

/** A client can put anything in a query. What the route says was asked for stays as it is. */
function filterOf({ params, query }: AskedRequest): Record<string, unknown> {
  const ofRoute = asObject(readSafely(params))
  const ofQuery = asObject(readSafely(query))
  // To spread nothing into something still costs as much as to spread something.
  return ofRoute === NONE ? { ...ofQuery } : { ...ofRoute, ...ofQuery, ...ofRoute }
}

const NONE = Object.freeze({})

function asObject(value: unknown): object {
  return isObject(value) ? value : NONE
}

function choose(value: unknown, names: readonly string[] | undefined): unknown {
  if (names === undefined) return value
  return Array.isArray(value) ? chooseOfEach(value, names) : chooseOf(value, names)
}

function chooseOf(value: unknown, names: readonly string[]): unknown {
  const toJSON = isObject(value) ? suppressRejection(value.toJSON) : undefined
  const said = typeof toJSON === 'function' ? suppressRejection(toJSON.call(value)) : value
  if (!isObject(said)) return null
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(said, name)).map((name) => [name, suppressRejection(said[name])]),
  )
}

/** One item at a time: of a long list only the beginning is going to be looked at. */
function chooseOfEach(list: readonly unknown[], names: readonly string[]): unknown {
  return new Proxy(list, {
    get(target, key) {
      const value = Reflect.get(target, key)
      return typeof key === 'string' && /^\d+$/.test(key) ? choose(value, names) : value
    },
  })
}
