// The message of a record that has an action: what was done, or what was attempted and how that ended.
import { describeOutcome } from './outcome.js'
import type { RecordDraft } from './record-draft.js'

/** An action in words. */
export interface ActionPhrases {
  /** The message if it was done, such as `Created Person object`. */
  readonly done: string
  /** Begins the message if it was not done, or if that is not known, such as `Create Person`. */
  readonly attempt: string
}

/**
 * @example
 * composeMessage({ done: 'Created Person object', attempt: 'Create Person' }, draft)
 * // 'Created Person object', 'Create Person: denied (403)', 'Create Person: accepted (202)', 'Create Person: unknown (aborted)'
 */
export function composeMessage({ done, attempt }: ActionPhrases, draft: RecordDraft): string {
  const result = describeResult(draft)
  if (result === undefined) return done
  return result === '' ? attempt : `${attempt}: ${result}`
}

/** `undefined` if the action was done, and empty if nothing has happened yet that would show a result. */
function describeResult(draft: RecordDraft): string | undefined {
  const outcome = describeOutcome(draft)
  if (outcome === 'denied') return `denied${describeFailure(draft)}`
  if (outcome === 'failure') return `failed${describeFailure(draft)}`
  const status = draft.http_response?.status_code ?? null
  if (outcome === 'success') return status === null ? undefined : describeOpenResult(status, draft.action)
  if (isCut(draft)) return `unknown (${draft.ended})`
  if (status !== null) return `unknown (${status})`
  return draft.ended === null ? '' : 'unknown'
}

/** A status below 400 does not show why an action failed. */
function describeFailure(draft: RecordDraft): string {
  const status = draft.http_response?.status_code ?? 0
  if (status >= 400) return ` (${status})`
  return isCut(draft) ? ` (${draft.ended})` : ''
}

function isCut({ ended }: RecordDraft): boolean {
  return ended === 'aborted' || ended === 'crashed'
}

/**
 * What a status below 400 says if it does not confirm that the action was done. A redirect may lead to the result or to a login
 * page; 202 is accepted, but not done yet (RFC 9110 section 15.3.3); 207 has several outcomes in its body (RFC 4918 section
 * 11.1); 304 confirms only a read (RFC 9110 section 15.4.5).
 */
function describeOpenResult(status: number, action: string | null): string | undefined {
  if (status === 202) return 'accepted (202)'
  if (status === 207) return 'multi-status (207)'
  if (status >= 200 && status < 300) return undefined
  if (status === 304) return action === 'list' || action === 'retrieve' ? undefined : 'not modified (304)'
  if (status === 101) return 'upgraded (101)'
  return status >= 300 ? `redirected (${status})` : `unknown (${status})`
}
