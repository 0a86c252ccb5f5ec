// The framework-free part of `audited()`: suggests action, target, filter, message and results of a record, as the view sets of
// django-audit-log do. `adapters/` joins it to Express and Koa.
import { createReporter } from '../../lib/reporter.js'
import { readSafely } from '../../lib/safe-read.js'
import { isObject } from '../../lib/validate.js'
import type { RecordBuilder } from '../../logger/record-builder.js'
import type { ResponseSource, SuggestedAction, Suggestions } from '../../logger/suggestions.js'
import { createAction, createActions, findActionByMethod } from './actions.js'
import { type BodyRecorder, createBodyRecorder, noopRecorder } from './body-recorder.js'
import { type AuditedOptions, checkArguments } from './options.js'
import { createRequestBodyReader } from './request-body.js'
import { createSelection, pick, pickIds } from './selection.js'
import { createObjectReader, type RoutePlace } from './target-id.js'

/** The request, as the adapter of its framework describes it. */
export interface AuditedRequestInfo {
  readonly method: string | undefined
  readonly route: string | undefined
  /** The route that the request has entered. Called when the response has ended, because it is certain only then. */
  place(): RoutePlace
  /** The parameters that the framework has left on the request, which may be those of a router around the route. */
  finalParams(): unknown
  /** The query parameters. Called when the response has ended. */
  query(): unknown
  /** The parsed body of the request, if it was parsed. */
  body(): unknown
  /** Called when the response has ended. */
  findResponseSource(): ResponseSource
  /** Called when the request enters a route, if it was in none yet. */
  readonly onRoute: (() => void) | undefined
}

/** Suggests the parts of a record that the handler does not set itself. */
type RecordFiller = (builder: RecordBuilder | undefined, request: AuditedRequestInfo) => BodyRecorder

/**
 * Checks the arguments of `audited()`, once per route.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
 */
export function createRecordFiller(objectName: string, options: AuditedOptions = {}): RecordFiller {
  const checked = checkArguments(objectName, options)
  const { listResults = false, action: fixedAction, filterFields } = checked
  const reporter = createReporter()
  const createSuggestions = createSuggester(objectName, checked)
  const list = createAction('list', objectName)
  const pickResults = createPicker(checked.fields)
  const isRecorded = (body: unknown) => listResults || !(fixedAction === 'list' || Array.isArray(body))

  return (builder, request) => {
    if (builder === undefined) {
      reporter.reportOnce(
        'ERR_AUDIT_CONTEXT',
        'audited() has no record to fill, because no auditLog() middleware handles the request before it. ' +
          'Mount auditLog() first',
      )
      return noopRecorder
    }
    const suggestions = createSuggestions(request, (followsPython) => {
      const parameters = readSafely(() => mergeParameters(request, followsPython))
      return { object: objectName, kwargs: pickParameters(parameters, filterFields) }
    })
    return createBodyRecorder(builder.suggest(suggestions), suggestions, {
      // A GET can only be told from its body to be a list.
      listAction: fixedAction === undefined && suggestions.action?.action === 'retrieve' ? list : undefined,
      isRecorded,
      pick: (body) => pickResults(body, builder.followsPython),
    })
  }
}

/** Creates the suggestions for a request; everything that depends on the options alone is prepared. */
function createSuggester(
  objectName: string,
  { action: fixedAction, idParam, requestBody }: AuditedOptions,
): (request: AuditedRequestInfo, filter: Suggestions['filter']) => Suggestions {
  const fixed = fixedAction === undefined ? undefined : createAction(fixedAction, objectName)
  const actions = createActions(objectName)
  const object = createObjectReader(objectName, idParam)
  const readBody = requestBody && createRequestBodyReader(requestBody)

  function findAction(method: string | undefined): SuggestedAction | undefined {
    const name = findActionByMethod(method)
    return fixed ?? (name && actions[name])
  }

  /** Only the body of a success shows whether it is a list. */
  function findAttempt({ method, place }: AuditedRequestInfo): SuggestedAction | undefined {
    const isRead = fixed === undefined && findActionByMethod(method) === 'retrieve'
    return isRead && object.isCollection(place()) ? actions.list : undefined
  }

  return (request, filter) => ({
    filter,
    action: findAction(request.method),
    objectName,
    route: request.route,
    findResponseSource: () => request.findResponseSource(),
    findAttempt: () => findAttempt(request),
    findId: (action) => object.findId(request.place(), action),
    findLocationId: object.findLocationId,
    readRequestBody: readBody && (() => readBody(request.body())),
    onRoute: request.onRoute,
  })
}

/** @param fields those of the options; by default ids, or in the format datapunt the whole body */
function createPicker(fields: AuditedOptions['fields']): (body: unknown, followsPython: boolean) => unknown {
  if (fields === 'all') return (body) => body
  if (fields === undefined) return (body, followsPython) => (followsPython ? body : pickIds(body))
  const selection = createSelection(fields)
  return (body) => pick(body, selection)
}

/** Route parameters win, because a client can put anything in the query. */
function mergeParameters(request: AuditedRequestInfo, followsPython: boolean): Record<string, unknown> {
  const routeParams = objectOrEmpty(
    readSafely(() => (followsPython ? request.finalParams() : request.place().params)),
  )
  const queryParams = objectOrEmpty(readSafely(() => request.query()))
  // Hot path: spreading an empty object is as slow as spreading a full one.
  if (routeParams === EMPTY) return { ...queryParams }
  // Route parameters come first in the record as well.
  return { ...routeParams, ...queryParams, ...routeParams }
}

const EMPTY = Object.freeze({})

function objectOrEmpty(value: unknown): object {
  return isObject(value) ? value : EMPTY
}

function pickParameters(
  parameters: Record<string, unknown> | undefined,
  names: readonly string[] | undefined,
): unknown {
  if (names === undefined || parameters === undefined) return parameters
  return pick(parameters, { names, nested: new Map() })
}
