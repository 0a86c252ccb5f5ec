// The framework-free part of `audited()`: suggests filter, message and results of a record, as the view sets of
// django-audit-log do. `adapters/` joins it to Express and Koa.
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { createReporter } from '../lib/reporter.js'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import { type Check, type Checks, checkBoolean, checkOptions, isObject } from '../lib/validate.js'
import type { RecordBuilder } from '../logger/record-builder.js'

/** The action of a request, in the terms of Django REST framework. */
export type AuditedAction = 'list' | 'retrieve' | 'create' | 'update' | 'partial_update' | 'destroy'

/** The options of `audited(objectName, options)`. */
export interface AuditedOptions {
  /**
   * The properties of the response body to record as results.
   * @default all
   */
  readonly fields?: readonly string[] | undefined
  /**
   * Also records bodies that are lists, and not only single objects.
   * @default false
   */
  readonly listResults?: boolean | undefined
  /**
   * The action, if the method does not tell it: a search by POST, or a page of a list that is sent as an object.
   * @default by method; a GET whose body is an array is a `list`
   */
  readonly action?: AuditedAction | undefined
  /**
   * The parameters of route and query to record as filter.
   * @default all
   */
  readonly filterFields?: readonly string[] | undefined
}

/** The request, as the adapter of its framework describes it. */
export interface AuditedRequestInfo {
  readonly method: string | undefined
  readonly route: string | undefined
  /** The route parameters. Called when the response has ended, because the route is certain only then. */
  params(): unknown
  /** The query parameters. Called when the response has ended. */
  query(): unknown
}

/**
 * Suggests filter and message of a record. What the handler sets itself wins.
 *
 * @returns a function that suggests the results; call it with the body of the response
 */
export type RecordFiller = (
  builder: RecordBuilder | undefined,
  request: AuditedRequestInfo,
) => (body: unknown) => void

const MESSAGES: Record<AuditedAction, (objectName: string) => string> = {
  list: (objectName) => `List ${objectName}`,
  retrieve: (objectName) => `Retrieve ${objectName}`,
  create: (objectName) => `Created ${objectName} object`,
  update: (objectName) => `Update of ${objectName}`,
  partial_update: (objectName) => `Partial update of ${objectName}`,
  destroy: (objectName) => `Destroy ${objectName}`,
}

const ACTIONS_BY_METHOD = new Map<string | undefined, AuditedAction>([
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

/**
 * Checks the arguments of `audited()`, once per route.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
 */
export function createRecordFiller(objectName: string, options: AuditedOptions = {}): RecordFiller {
  if (typeof objectName !== 'string' || objectName === '') {
    throw new AuditLogError(
      'ERR_AUDIT_OPTIONS',
      `Expected the first argument of audited() to be the name of an object, as in audited('Person'), got ${describeValue(objectName)}`,
    )
  }
  const checked = checkOptions<AuditedOptions>(options, CHECKS)
  const { fields, listResults = false, action: fixedAction, filterFields } = checked
  const reporter = createReporter()

  return (builder, request) => {
    if (builder === undefined) {
      reporter.reportOnce(
        'ERR_AUDIT_CONTEXT',
        'audited() has no record to fill, because no auditLog() middleware handles the request before it. ' +
          'Mount auditLog() first',
      )
      return () => {}
    }
    const action = fixedAction ?? ACTIONS_BY_METHOD.get(request.method)
    builder.suggest({
      filter: () => {
        const parameters = readSafely(() => mergeParameters(request))
        return { object: objectName, kwargs: pick(parameters, filterFields) }
      },
      message: action && MESSAGES[action](objectName),
      route: request.route,
    })
    return (body) =>
      readSafely(() => {
        const isArray = Array.isArray(body)
        if (isArray && fixedAction === undefined && action === 'retrieve') {
          builder.suggestMessage(MESSAGES.list(objectName))
        }
        if (listResults || !(isArray || fixedAction === 'list')) builder.suggestResults(pick(body, fields))
      })
  }
}

/** Route parameters win, because a client can put anything in the query. */
function mergeParameters({ params, query }: AuditedRequestInfo): Record<string, unknown> {
  const routeParams = objectOrEmpty(readSafely(params))
  const queryParams = objectOrEmpty(readSafely(query))
  // Hot path: spreading an empty object is as slow as spreading a full one.
  if (routeParams === EMPTY) return { ...queryParams }
  // Route parameters come first in the record as well.
  return { ...routeParams, ...queryParams, ...routeParams }
}

const EMPTY = Object.freeze({})

function objectOrEmpty(value: unknown): object {
  return isObject(value) ? value : EMPTY
}

/** The named properties of an object, or of each item of an array. */
function pick(value: unknown, names: readonly string[] | undefined): unknown {
  if (names === undefined) return value
  return Array.isArray(value) ? pickFromItems(value, names) : pickFromObject(value, names)
}

function pickFromObject(value: unknown, names: readonly string[]): unknown {
  const toJSON = isObject(value) ? suppressRejection(value.toJSON) : undefined
  const source = typeof toJSON === 'function' ? suppressRejection(toJSON.call(value)) : value
  if (!isObject(source)) return null
  return Object.fromEntries(
    names
      .filter((name) => Object.hasOwn(source, name))
      .map((name) => [name, suppressRejection(source[name])]),
  )
}

/** Picks lazily, since only the beginning of a long list fits into a record. */
function pickFromItems(list: readonly unknown[], names: readonly string[]): unknown {
  return new Proxy(list, {
    get(target, key) {
      const value = Reflect.get(target, key)
      return typeof key === 'string' && /^\d+$/.test(key) ? pick(value, names) : value
    },
  })
}
