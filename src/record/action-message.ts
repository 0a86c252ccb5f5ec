// The message of a record that has an action: what was done, or what was attempted and how that ended.
import { countItems } from './dropped-items.js'
import { describeOutcome } from './outcome.js'
import {
  AUDITED_ACTIONS,
  type AuditRecord,
  type Ending,
  type Outcome,
  type RequestRecord,
  type ResponseRecord,
  type Stage,
  type TargetRecord,
} from './record.js'
import type { RecordDraft } from './record-draft.js'

/** An action in words. */
export interface ActionPhrases {
  /** The message if it was done, such as `Created Person object`. */
  readonly done: string
  /** Begins the message if it was not done, or if that is not known, such as `Create Person`. */
  readonly attempt: string
}

/** The facts that show what an action led to. */
interface ResultFacts {
  readonly action: string | null
  readonly outcome: Outcome
  /** Whether the handler stated the outcome, so that a success does not depend on the status. */
  readonly isStated: boolean
  readonly ended: Ending | null
  readonly stage: Stage | null
  readonly request: RequestRecord | null
  readonly response: ResponseRecord | null
}

/**
 * @example
 * composeMessage({ done: 'Created Person object', attempt: 'Create Person' }, draft)
 * // 'Created Person object', 'Create Person: denied (403)', 'Create Person: accepted (202)', 'Create Person: unknown (aborted)'
 */
export function composeMessage(phrases: ActionPhrases, draft: RecordDraft): string {
  return joinResult(phrases, readFacts(draft))
}

/** Whether the action of a record was done, as far as the response shows it. */
export function isDone(draft: RecordDraft): boolean {
  return describeResult(readFacts(draft)) === undefined
}

function readFacts(draft: RecordDraft): ResultFacts {
  const { action, ended, stage, verdict, http_request: request, http_response: response } = draft
  const outcome = describeOutcome(draft)
  return { action, outcome, isStated: verdict !== null, ended, stage, request, response }
}

/** The others are in `target`. */
const MAX_TARGETS_IN_MESSAGE = 10

/**
 * Composes the message of a record of its action, its targets, and what the action led to. Call it with the redacted record, so that
 * the message has no more than its parts.
 *
 * @param isStated whether the handler stated the outcome
 * @example 'transfer Account A, Account B: denied (403)'
 */
export function composeTargetMessage(record: AuditRecord, isStated: boolean): string {
  const { action = '', target = [], outcome, ended, stage = null } = record
  const { http_request: request, http_response: response } = record
  const names = target.slice(0, MAX_TARGETS_IN_MESSAGE).map(nameTarget)
  if (target.length > names.length)
    names.push(`…[+${countItems(target.slice(MAX_TARGETS_IN_MESSAGE))} targets]`)
  const phrase = names.length > 0 ? `${action} ${names.join(', ')}` : action
  const phrases = { done: phrase, attempt: phrase }
  return joinResult(phrases, { action, outcome, isStated, ended, stage, request, response })
}

function nameTarget({ type, id }: TargetRecord): string {
  return id === undefined ? type : `${type} ${id}`
}

function joinResult({ done, attempt }: ActionPhrases, facts: ResultFacts): string {
  const result = describeResult(facts)
  if (result === undefined) return done
  return result === '' ? attempt : `${attempt}: ${result}`
}

/** `undefined` if the action was done, and empty if nothing has happened yet that would show a result. */
function describeResult(facts: ResultFacts): string | undefined {
  const { outcome, isStated, ended, response, stage } = facts
  if (outcome === 'denied') return `denied${describeFailure(facts)}`
  if (outcome === 'failure') return `failed${describeFailure(facts)}`
  if (outcome === 'success') return isStated ? undefined : describeOpenResult(facts)
  const status = response?.status_code ?? null
  if (stage === 'started') return status === null ? 'started' : `started (${status})`
  if (isCut(facts)) return `unknown (${ended})`
  if (status !== null) return `unknown (${status})`
  return stage === 'received' ? '' : 'unknown'
}

/** A status below 400 does not show why an action failed. */
function describeFailure(facts: ResultFacts): string {
  const status = facts.response?.status_code ?? 0
  if (status >= 400) return ` (${status})`
  return isCut(facts) ? ` (${facts.ended})` : ''
}

function isCut({ ended }: ResultFacts): boolean {
  return ended === 'aborted' || ended === 'crashed'
}

/**
 * Describes a status below 400 that does not confirm that the action was done, such as a redirect, which may lead to the result or
 * to a login page. `undefined` if the status confirms it, or is not known.
 */
function describeOpenResult(facts: ResultFacts): string | undefined {
  const status = facts.response?.status_code ?? null
  if (status === null || confirmsAction(status, isRead(facts))) return undefined
  if (status === 202) return 'accepted (202)'
  if (status === 207) return 'multi-status (207)'
  if (status === 304) return 'not modified (304)'
  if (status === 101) return 'upgraded (101)'
  return status >= 300 ? `redirected (${status})` : `unknown (${status})`
}

/**
 * Whether a status shows that an action was done. 202 is accepted, but not done yet (RFC 9110 section 15.3.3); 207 has several
 * outcomes in its body (RFC 4918 section 11.1); 304 confirms only a read (RFC 9110 section 15.4.5).
 */
export function confirmsAction(status: number, isRead: boolean): boolean {
  if (status === 304) return isRead
  return status >= 200 && status < 300 && status !== 202 && status !== 207
}

const AUDITED = new Set<string | null>(AUDITED_ACTIONS)

/** By the action, if this package knows it, otherwise by the method. */
function isRead({ action, request }: ResultFacts): boolean {
  if (AUDITED.has(action)) return action === 'list' || action === 'retrieve'
  return request?.method === 'GET' || request?.method === 'HEAD'
}
