// What `audited()` suggests for the parts of a record that the handler does not set itself.
import type { ActionPhrases } from '../record/action-message.js'
import type { ErrorRecord } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import type { Snapshot } from '../serialize/walk.js'

/** The action of a request, and its words in the message. */
export interface SuggestedAction {
  readonly action: string
  readonly phrases: ActionPhrases
}

/**
 * What has answered a request: the route with the suggestions; another route, so that they do not apply; or something outside
 * routes, to which the route has passed the request on.
 */
export type Answerer = 'this route' | 'another route' | 'no route'

/** An id, and the name that it had. */
export interface FoundId {
  readonly name: string
  readonly value: string
}

/** Values for the parts of a record that the handler does not set itself. The functions are called when the response has ended. */
export interface Suggestions {
  filter(followsPython: boolean): { readonly object: string; readonly kwargs: unknown }
  readonly action: SuggestedAction | undefined
  /** The action of an attempt, where only the body of a success would show it: whether a GET is for a list. */
  findAttempt(): SuggestedAction | undefined
  /** The type of the target. */
  readonly objectName: string
  readonly route: string | undefined
  findAnswerer(): Answerer
  /** The id of the object, if the route has it. */
  findId(action: string): FoundId | undefined
  /** The id of a created object, if the header `Location` has it. */
  findLocationId(location: string, requestUrl: string): string | undefined
  /** What to record of the request body: `undefined` if it was not parsed yet. Also called with the suggestion. */
  readonly readRequestBody: (() => unknown) | undefined
  /** Called when the request enters a route, in frameworks that show it. */
  readonly onRoute: (() => void) | undefined
}

/** Facts of the exchange that the builder needs to complete the record. */
export interface CompletionContext {
  /** Whether the client may have received a body. Only then its results are recorded. */
  readonly mayHaveBody: boolean
}

/** The suggestions of one record: of two `audited()` on a request the inner one counts, because it is called last. */
export class SuggestedParts {
  suggestions: Suggestions
  action: SuggestedAction | undefined
  /** Called when the response has ended. */
  results: (() => Snapshot) | undefined
  /** The id in the body of the response. */
  bodyId: string | undefined
  /** What was recorded of the request body; `undefined` if it was not parsed yet. */
  requestBody: Snapshot | undefined
  /** An error that left the handler. */
  thrownError: ErrorRecord | undefined

  constructor(suggestions: Suggestions) {
    this.suggestions = suggestions
    this.action = suggestions.action
  }

  /** Results and action of the call before remain, unless these suggestions have others. */
  replace(suggestions: Suggestions): void {
    this.suggestions = suggestions
    this.action = suggestions.action ?? this.action
    this.requestBody = undefined
  }
}

export function isSuccessful(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300
}

/** Accepted, but not done yet (RFC 9110 section 15.3.3), and several outcomes in the body (RFC 4918 section 11.1). */
const UNDECIDED_STATUSES = new Set<number | null>([202, 207])

/** The message of a suggested action as in django-audit-log, which has none for an attempt. */
export function findPythonMessage({ action, thrownError }: SuggestedParts, draft: RecordDraft): string {
  if (action === undefined || draft.error !== null || thrownError !== undefined) return ''
  const status = draft.http_response?.status_code ?? null
  // A 304 confirms only a read (RFC 9110 section 15.4.5).
  const isDone =
    status === 304
      ? action.action === 'list' || action.action === 'retrieve'
      : isSuccessful(status) && !UNDECIDED_STATUSES.has(status)
  return isDone ? action.phrases.done : ''
}
