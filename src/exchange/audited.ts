// The framework-free part of `audited()`: suggests filter, message and results of a record, as the view sets of
// django-audit-log do. `adapters/` joins it to Express and Koa.
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { createReporter } from '../lib/reporter.js'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import { type Checks, checkArray, checkBoolean, checkOptions, isObject } from '../lib/validate.js'
import type { RecordBuilder } from '../logger/record-builder.js'
import type { SuggestedAction, Suggestions } from '../logger/suggested-parts.js'
import type { ActionPhrases } from '../record/action-message.js'
import { AUDITED_ACTIONS, type AuditedAction } from '../record/record.js'
import { callToJson, createListView } from '../serialize/lazy-view.js'

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
   * The action, if the method does not tell it: a search by POST, or a page of a list that is sent as an object. It
   * decides the message, `action`, and what the formats derive from it (`event.type`, `activity_id`).
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
interface AuditedRequestInfo {
  readonly method: string | undefined
  readonly route: string | undefined
  /** The route parameters. Called when the response has ended, because the route is certain only then. */
  params(): unknown
  /** The query parameters. Called when the response has ended. */
  query(): unknown
  /** Whether the request left the place of `audited()`, so that something else responded. Called when the response has ended. */
  isLeft(): boolean
}

/** Takes the body of the response as results. */
export interface BodyRecorder {
  /**
   * Call it with the body before it is sent.
   *
   * @param findSentBody called when the response has ended, for frameworks in which another middleware may have replaced
   * the body: returns the body that was sent, or `undefined` if that is not JSON
   */
  record(body: unknown, findSentBody?: () => unknown): void
  /** Call it if the body could not be sent, because it could not be serialized. */
  forget(): void
  /** Call it if the handler threw: an error handler may answer with a status below 400 nevertheless. */
  fail(error: unknown): void
}

/** Suggests filter and message of a record. What the handler sets itself wins. */
type RecordFiller = (builder: RecordBuilder | undefined, request: AuditedRequestInfo) => BodyRecorder

const noopRecorder: BodyRecorder = { record() {}, forget() {}, fail() {} }

/** The messages of the view sets of django-audit-log, and those of attempts that did not succeed. */
const PHRASES: Record<AuditedAction, (objectName: string) => ActionPhrases> = {
  list: (objectName) => samePhrase(`List ${objectName}`),
  retrieve: (objectName) => samePhrase(`Retrieve ${objectName}`),
  create: (objectName) => ({ done: `Created ${objectName} object`, attempt: `Create ${objectName}` }),
  update: (objectName) => ({ done: `Update of ${objectName}`, attempt: `Update ${objectName}` }),
  partial_update: (objectName) => samePhrase(`Partial update of ${objectName}`),
  destroy: (objectName) => samePhrase(`Destroy ${objectName}`),
}

function samePhrase(phrase: string): ActionPhrases {
  return { done: phrase, attempt: phrase }
}

const ACTIONS_BY_METHOD = new Map<string | undefined, AuditedAction>([
  ['GET', 'retrieve'],
  ['HEAD', 'retrieve'],
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'partial_update'],
  ['DELETE', 'destroy'],
])

const checkNames = checkArray({
  expected: 'the name of a property',
  accepts: (value) => typeof value === 'string',
})

const CHECKS: Checks<AuditedOptions> = {
  fields: checkNames,
  listResults: checkBoolean,
  action: {
    expected: AUDITED_ACTIONS.map((action) => `'${action}'`).join(', '),
    accepts: (value) => AUDITED_ACTIONS.some((action) => action === value),
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
  const actions = createActions(objectName)

  return (builder, request) => {
    if (builder === undefined) {
      reporter.reportOnce(
        'ERR_AUDIT_CONTEXT',
        'audited() has no record to fill, because no auditLog() middleware handles the request before it. ' +
          'Mount auditLog() first',
      )
      return noopRecorder
    }
    const action = fixedAction ?? ACTIONS_BY_METHOD.get(request.method)
    const suggestions: Suggestions = {
      filter: () => {
        const parameters = readSafely(() => mergeParameters(request))
        return { object: objectName, kwargs: pick(parameters, filterFields) }
      },
      action: action && actions[action],
      route: request.route,
      isLeft: () => request.isLeft(),
    }
    builder.suggest(suggestions)
    return createBodyRecorder(builder, suggestions, {
      // A GET can only be told from its body to be a list.
      listAction: fixedAction === undefined && action === 'retrieve' ? actions.list : undefined,
      isRecorded: (body) => listResults || !(fixedAction === 'list' || Array.isArray(body)),
      pick: (body) => pick(body, fields),
    })
  }
}

function createActions(objectName: string): Record<AuditedAction, SuggestedAction> {
  const entries = AUDITED_ACTIONS.map((action) => [action, { action, phrases: PHRASES[action](objectName) }])
  return Object.fromEntries(entries)
}

interface BodyRules {
  /** The action if the body is a list. */
  readonly listAction: SuggestedAction | undefined
  readonly isRecorded: (body: unknown) => boolean
  readonly pick: (body: unknown) => unknown
}

function createBodyRecorder(
  builder: RecordBuilder,
  suggestions: Suggestions,
  { listAction, isRecorded, pick }: BodyRules,
): BodyRecorder {
  function findReplacement(body: unknown, sentBody: unknown): { results: unknown } | undefined {
    if (sentBody === body) return undefined
    const json = callToJson(sentBody)
    return { results: isRecorded(json) ? pick(json) : null }
  }

  function suggestAgain(action: SuggestedAction | undefined): void {
    if (!builder.isSuggestedBy(suggestions)) return
    builder.forgetResults()
    if (action !== undefined) builder.suggestAction(action)
  }

  return {
    record(body, findSentBody) {
      // If a request passes two audited(), the inner one decides what is recorded of the body.
      if (!builder.isSuggestedBy(suggestions)) return
      readSafely(() => {
        // A list that is not recorded is not read, because it may be long.
        const json = Array.isArray(body) ? body : callToJson(body)
        if (listAction !== undefined && Array.isArray(json)) builder.suggestAction(listAction)
        if (!isRecorded(json)) return builder.forgetResults()
        // Without `findSentBody` nothing retains the body until the response has ended.
        builder.suggestResults(pick(json), findSentBody && (() => findReplacement(body, findSentBody())))
      })
    },
    forget() {
      suggestAgain(suggestions.action)
    },
    fail(error) {
      suggestAgain(suggestions.action)
      builder.suggestThrownError(error)
    },
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
  if (!Array.isArray(value)) return pickFromObject(callToJson(value), names)
  return createListView(value, (index) => pickFromItem(value[Number(index)], index, names))
}

function pickFromItem(item: unknown, index: string, names: readonly string[]): unknown {
  return Array.isArray(item) ? pick(item, names) : pickFromObject(callToJson(item, index), names)
}

function pickFromObject(source: unknown, names: readonly string[]): unknown {
  if (!isObject(source)) return null
  return Object.fromEntries(
    names
      .filter((name) => Object.hasOwn(source, name))
      .map((name) => [name, suppressRejection(source[name])]),
  )
}
