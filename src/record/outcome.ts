// What follows from the facts of a record: its level, its outcome, and the reason of the outcome.
import type { AuditLevel, Outcome } from './record.js'
import type { RecordDraft } from './record-draft.js'

/** The level that level methods set, otherwise the one that follows from what happened. */
export function findLevel(draft: RecordDraft): AuditLevel {
  return draft.type ?? findDefaultLevel(draft)
}

/**
 * The level that follows from what happened. A status below 500 without an error is `INFO`: a 4xx is the client's failure,
 * and its `outcome` shows it (OpenTelemetry's conventions for HTTP spans do not count it as an error of the server either).
 * An error that was answered with a 4xx is `WARNING`, because Koa's `ctx.throw(404)` is a way to refuse a request.
 */
export function findDefaultLevel({ error, http_response, ended }: RecordDraft): AuditLevel {
  const status = http_response?.status_code ?? 0
  if (error !== null) return status >= 400 && status < 500 ? 'WARNING' : 'ERROR'
  return status >= 500 || ended === 'crashed' ? 'ERROR' : 'INFO'
}

/** The handler knows best; a refusal is more specific than a failure; and an aborted request may have had its effect. */
export function describeOutcome(draft: RecordDraft): Outcome {
  const { verdict, error, http_response, ended, stage } = draft
  if (verdict !== null) return verdict.outcome
  const status = http_response?.status_code ?? null
  if (status === 401 || status === 403) return 'denied'
  if (error !== null || (status !== null && status >= 400)) return 'failure'
  if (status === null) return isDoneWithoutHttp(draft) ? 'success' : 'unknown'
  if (ended !== 'completed' && ended !== null) return 'unknown'
  return stage === 'started' ? 'unknown' : 'success'
}

/** A job calls `sendLog()` when its action has ended, and states a failure before that. */
function isDoneWithoutHttp({ action, http_request, ended }: RecordDraft): boolean {
  return action !== null && http_request === null && ended === null
}

/** The reason that the handler gave, otherwise the name of the error; empty if neither is known, and for a success. */
export function findReason({ verdict, error }: RecordDraft, outcome: Outcome): string {
  if (verdict !== null && verdict.reason !== '') return verdict.reason
  return error !== null && (outcome === 'failure' || outcome === 'denied') ? error.name : ''
}
