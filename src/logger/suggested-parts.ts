// What `audited()` suggests for the parts of a record that the handler does not set itself.
import type { ActionPhrases } from '../record/action-message.js'
import type { AuditedAction, ErrorRecord } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import type { Snapshot } from '../serialize/walk.js'

/** The action of a request, and its words in the message. */
export interface SuggestedAction {
  readonly action: AuditedAction
  readonly phrases: ActionPhrases
}

/** Values for the parts of a record that the handler does not set itself. */
export interface Suggestions {
  /** Called when the response has ended, because the route is certain only then. */
  readonly filter: () => { readonly object: string; readonly kwargs: unknown }
  readonly action: SuggestedAction | undefined
  readonly route: string | undefined
  /** Whether another route or handler has answered, so that the suggestions do not apply. Called when the response has ended. */
  isLeft(): boolean
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
