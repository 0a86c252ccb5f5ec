// What follows from the facts of a record: its level, its outcome, and the reason of the outcome.
import type { AuditLevel, Outcome } from './record.js'
import type { RecordDraft } from './record-draft.js'

/**
 * The level that level methods set, otherwise the one that follows from what happened.
 *
 * @param followsPython whether the level is that of records without `deny()` and `fail()`, which datapunt-audit-log does not have
 */
export function findLevel(draft: RecordDraft, followsPython: boolean): AuditLevel {
  return draft.type ?? (followsPython ? findLevelOfEvent(draft) : findDefaultLevel(draft))
}

/**
 * The level that follows from what happened, and from its outcome. An act that was denied, and a failure that the handler states,
 * are `WARNING`, whether or not an error was thrown. Any other 4xx without an error is `INFO`: it is the client's failure, and
 * OpenTelemetry's conventions for HTTP spans do not count it as an error of the server either.
 */
export function findDefaultLevel(draft: RecordDraft): AuditLevel {
  const level = findLevelOfEvent(draft)
  return level === 'INFO' && isRefused(draft) ? 'WARNING' : level
}

/** An error that was answered with a 4xx is `WARNING`, because Koa's `ctx.throw(404)` is a way to refuse a request. */
function findLevelOfEvent({ error, http_response, ended }: RecordDraft): AuditLevel {
  const status = http_response?.status_code ?? 0
  if (error !== null) return status >= 400 && status < 500 ? 'WARNING' : 'ERROR'
  return status >= 500 || ended === 'crashed' ? 'ERROR' : 'INFO'
}

function isRefused(draft: RecordDraft): boolean {
  return draft.verdict?.outcome === 'failure' || describeOutcome(draft) === 'denied'
}

/** The handler knows best; a refusal is more specific than a failure; and an aborted request may have had its effect. */
export function describeOutcome(draft: RecordDraft): Outcome {
  const { verdict, error, http_response, ended, action, hasActionEnded } = draft
  if (verdict !== null) return verdict.outcome
  const status = http_response?.status_code ?? null
  if (status === 401 || status === 403) return 'denied'
  if (error !== null || (status !== null && status >= 400)) return 'failure'
  if (ended !== null) return ended === 'completed' && status !== null ? 'success' : 'unknown'
  // The application sends a job, or an action after the response, when the action has ended, and states a failure before that.
  return hasActionEnded && (status !== null || action !== null) ? 'success' : 'unknown'
}

/** The reason that the handler gave, otherwise the name of the error; empty if neither is known, and for a success. */
export function findReason({ verdict, error }: RecordDraft, outcome: Outcome): string {
  if (verdict !== null && verdict.reason !== '') return verdict.reason
  return error !== null && (outcome === 'failure' || outcome === 'denied') ? error.name : ''
}
