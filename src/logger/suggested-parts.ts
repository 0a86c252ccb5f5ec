// What `audited()` suggests for the parts of a record that the handler does not set itself.
import type { AuditedAction } from '../record/record.js'
import type { Snapshot } from '../serialize/walk.js'

/** The action of a request, and its message if the request succeeds; `undefined` if that is known to be wrong. */
export interface SuggestedAction {
  readonly action: AuditedAction
  readonly message: string | undefined
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

/** Facts of the exchange that the builder needs to apply the suggestions. */
export interface SuggestionContext {
  /** Whether the client may have received a body. Only then its results are recorded. */
  readonly mayHaveBody: boolean
  /** Whether the last level method wins over the message of the action, as in datapunt-audit-log. */
  readonly followsPython: boolean
}

/** The suggestions of one record: of two `audited()` on a request the inner one counts, because it is called last. */
export class SuggestedParts {
  suggestions: Suggestions
  action: SuggestedAction | undefined
  /** Called when the response has ended. */
  results: (() => Snapshot) | undefined

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

/**
 * Whether the status shows that the action was done. A redirect does not: it may lead to the result or to a login page. A
 * 304 confirms only a read (RFC 9110 section 15.4.5).
 */
export function confirmsAction(status: number | null, action: AuditedAction | undefined): boolean {
  if (status === 304) return action === 'list' || action === 'retrieve'
  return isSuccessful(status) && !UNDECIDED_STATUSES.has(status)
}
