import { isDone } from '../record/action-message.js'
import type { TargetRecord } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import type { FoundId, Suggestions } from './suggestions.js'
import { describeTargets } from './target.js'

interface TargetSource {
  readonly suggestions: Suggestions
  /** The id in the body of the response. */
  readonly bodyId: string | undefined
}

/** Redacts an id as the part of the record that it is from; `undefined` if it is a secret. */
type RedactId = (id: FoundId, part: 'filter.kwargs' | 'results') => string | undefined

/** The actions after which a response with a body sends the object itself. */
const REPRESENTING_ACTIONS = new Set(['create', 'retrieve', 'update', 'partial_update'])

/** The target that `audited()` suggests, without an id if none is certain. Call it when the action of the draft is known. */
export function findSuggestedTarget(
  suggested: TargetSource,
  draft: RecordDraft,
  redactId: RedactId,
): ReturnType<typeof describeTargets> {
  const { objectName } = suggested.suggestions
  return describeTargets({ type: objectName, id: findId(suggested, draft, redactId) })
}

function findId(suggested: TargetSource, draft: RecordDraft, redactId: RedactId): TargetRecord['id'] {
  const action = draft.action ?? ''
  const isRepresented = REPRESENTING_ACTIONS.has(action) && isDone(draft)
  const sentId = isRepresented ? findSentId(suggested, draft, action) : undefined
  // The route of a created object has at most the id of its parent.
  if (sentId !== undefined && action === 'create') return redactId(sentId, 'results')
  const routeId = suggested.suggestions.findId(action)
  if (routeId !== undefined) return redactId(routeId, 'filter.kwargs')
  return sentId && redactId(sentId, 'results')
}

function findSentId(
  { bodyId, suggestions }: TargetSource,
  { http_request, http_response }: RecordDraft,
  action: string,
): FoundId | undefined {
  if (bodyId !== undefined) return { name: 'id', value: bodyId }
  const headers = http_response?.headers
  if (action !== 'create' || http_response?.status_code !== 201 || http_request === null) return undefined
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return undefined
  const { location } = headers
  const id = typeof location === 'string' ? suggestions.findLocationId(location, http_request.url) : undefined
  return id === undefined ? undefined : { name: 'id', value: id }
}
