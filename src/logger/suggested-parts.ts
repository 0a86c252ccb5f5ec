// Fills the parts of a record that the handler does not set itself with what `audited()` suggests.
import { readProperty, readSafely } from '../lib/safe-read.js'
import { confirmsAction } from '../record/action-message.js'
import { describeOutcome } from '../record/outcome.js'
import type { ErrorRecord } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import { describeError } from '../serialize/error.js'
import type { Snapshot } from '../serialize/walk.js'
import {
  addSecrets,
  type DraftRedactor,
  fillFilter,
  fillResults,
  fillTargets,
  markTruncated,
  redactPart,
} from './draft-parts.js'
import { findSuggestedTarget } from './suggested-target.js'
import type { ResponseSource, SuggestedAction, Suggestions } from './suggestions.js'
import type { describeTargets } from './target.js'

const NO_CONTENT: Snapshot = { content: null, isTruncated: false }

/** Facts of the exchange that complete the record. */
export interface CompletionContext {
  /** Whether the client may have received a body. Only then its results are recorded. */
  readonly mayHaveBody: boolean
}

/** The parts that a setter has set, even to an empty value: suggestions do not apply to them. */
export interface PartsOfHandler {
  readonly hasFilter: boolean
  readonly hasResults: boolean
  readonly hasAction: boolean
  readonly hasTargets: boolean
}

/** The suggestions for one record, created by the first `audited()` of a request. */
export class SuggestedParts {
  /** Those of the last `audited()`: of two on a request the inner one counts. */
  suggestions: Suggestions
  action: SuggestedAction | undefined
  /** The id in the body of the response. */
  bodyId: string | undefined
  readonly #draft: RecordDraft
  readonly #redactor: DraftRedactor
  readonly #followsPython: boolean
  /** Called when the response has ended. */
  #results: (() => Snapshot) | undefined
  /** What was recorded of the request body; `undefined` if it was not parsed yet. */
  #requestBody: Snapshot | undefined
  /** An error that left the handler. */
  #thrownError: ErrorRecord | undefined

  constructor(suggestions: Suggestions, draft: RecordDraft, redactor: DraftRedactor, followsPython: boolean) {
    this.suggestions = suggestions
    this.action = suggestions.action
    this.#draft = draft
    this.#redactor = redactor
    this.#followsPython = followsPython
    this.#copyRequestBody()
  }

  /** Results and action of the suggestions before remain, unless these have others. */
  replace(suggestions: Suggestions): void {
    this.suggestions = suggestions
    this.action = suggestions.action ?? this.action
    this.#requestBody = undefined
    this.#copyRequestBody()
  }

  /**
   * Takes a redacted copy at once, since the handler may change the object later.
   *
   * @param findReplacement called when the response has ended: the results to record in place of these, if any
   */
  setResults(results: unknown, findReplacement?: () => { readonly results: unknown } | undefined): void {
    const copy = this.#redact(results, 'results')
    this.#results = () => {
      const replacement = findReplacement && readSafely(findReplacement)
      return replacement ? this.#redact(replacement.results, 'results') : copy
    }
  }

  /** Has secrets hidden that stand beside what is recorded of the body. */
  addSecretsOf(properties: Readonly<Record<string, string>>): void {
    if (!this.#followsPython) this.#redact(properties, 'results')
  }

  forgetResults(): void {
    this.#results = undefined
  }

  /** For an error that passes `audited()` on its way to an error handler of the application, which may not pass it on. */
  addThrownError(error: unknown): void {
    this.#thrownError ??= describeError(error)
  }

  /**
   * Fills the record when the status of the response is known, and again if the status has changed since.
   *
   * @returns whether the suggestions apply: they do not if another route has answered
   */
  apply(context: CompletionContext, handler: PartsOfHandler): boolean {
    const source = readSafely(() => this.suggestions.findResponseSource()) ?? 'another route'
    const applies = source === 'this route' || (source === 'no route' && this.#isAttempt())
    if (applies) this.#fill(source, context, handler)
    return applies
  }

  /**
   * Fills action and target of a line before the end of the exchange, without what only its end shows.
   *
   * @returns the action, if it applies and is certain
   */
  applyToStage(draft: RecordDraft, hasAction: boolean, hasTargets: boolean): SuggestedAction | undefined {
    const { suggestions } = this
    const source = readSafely(() => suggestions.findResponseSource()) ?? 'another route'
    draft.error ??= source === 'another route' ? null : (this.#thrownError ?? null)
    const outcome = describeOutcome(draft)
    const isRefused = outcome === 'denied' || outcome === 'failure'
    if (source === 'another route' || (source === 'no route' && !isRefused)) return undefined
    const attempt = suggestions.findAttempt() ?? this.action
    // Whether a stream at the path of a collection is a list shows at the end.
    const isCertain = isRefused || attempt?.action === this.action?.action
    const action = isCertain ? attempt : undefined
    if (!hasAction) draft.action = action?.action ?? null
    if (!hasTargets && attempt !== undefined) fillTargets(draft, this.#findTarget(draft), 'suggestion')
    return action
  }

  /** The message as in django-audit-log, which has none for an attempt. */
  get pythonMessage(): string {
    const hasFailed = this.#draft.error !== null || this.#thrownError !== undefined
    return this.action === undefined || hasFailed ? '' : findPythonMessage(this.action, this.#draft)
  }

  /**
   * Whether the record is that of an attempt although the route has passed the request on: nothing was done then. A success is
   * that of whatever has answered.
   */
  #isAttempt(): boolean {
    if (this.#followsPython) return false
    const outcome = describeOutcome(this.#draft)
    return outcome === 'denied' || outcome === 'failure' || this.#draft.http_response?.status_code === null
  }

  #fill(source: ResponseSource, { mayHaveBody }: CompletionContext, handler: PartsOfHandler): void {
    const [draft, suggestions, isAnswered] = [this.#draft, this.suggestions, source === 'this route']
    if (isAnswered) draft.route ??= suggestions.route ?? null
    if (this.#thrownError !== undefined && !this.#followsPython) draft.error ??= this.#thrownError
    if (!this.#followsPython && describeOutcome(draft) !== 'success')
      this.action = suggestions.findAttempt() ?? this.action
    const { action } = this
    if (!handler.hasAction) draft.action = action?.action ?? null
    if (!handler.hasTargets && action !== undefined) fillTargets(draft, this.#findTarget(draft), 'suggestion')
    if (!handler.hasFilter) {
      const { object, kwargs } = suggestions.filter(this.#followsPython)
      fillFilter(draft, this.#redactor, object, kwargs)
    }
    if (this.#results !== undefined && !handler.hasResults) {
      // Without an action, as for OPTIONS, the body is not that of an object.
      const hasObject = isAnswered && action !== undefined && mayHaveBody && !this.#isErrorBody()
      fillResults(draft, hasObject ? this.#results() : NO_CONTENT)
    }
    if (suggestions.readRequestBody !== undefined) this.#fillRequestBody()
  }

  /** Whether the body tells of an error, whatever the status is. */
  #isErrorBody(): boolean {
    const { verdict, http_response } = this.#draft
    if (!isSuccessful(http_response?.status_code ?? null)) return true
    if (this.#followsPython) return false
    return (verdict !== null && verdict.outcome !== 'success') || this.#thrownError !== undefined
  }

  #findTarget(draft: RecordDraft): ReturnType<typeof describeTargets> {
    return findSuggestedTarget(this, draft, ({ name, value }, part) => {
      const { content, secrets } = this.#redactor.redactValue({ [name]: value }, part)
      if (readProperty(content, name) === value) return value
      addSecrets(draft, secrets)
      return secrets.find(({ pseudonym }) => pseudonym !== undefined)?.pseudonym
    })
  }

  #copyRequestBody(): void {
    const { readRequestBody } = this.suggestions
    const body = readRequestBody && readSafely(readRequestBody)
    if (body !== undefined) this.#requestBody = this.#redact(body, 'request_body')
  }

  #fillRequestBody(): void {
    if (this.#requestBody === undefined) this.#copyRequestBody()
    const { content, isTruncated } = this.#requestBody ?? NO_CONTENT
    this.#draft.request_body = content
    markTruncated(this.#draft, 'request_body', isTruncated)
  }

  #redact(value: unknown, part: 'results' | 'request_body'): Snapshot {
    return redactPart(this.#draft, this.#redactor, value, part)
  }
}

function isSuccessful(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300
}

/** The message of a suggested action as in django-audit-log, which has none for an attempt. */
function findPythonMessage({ action, phrases }: SuggestedAction, draft: RecordDraft): string {
  const status = draft.http_response?.status_code ?? null
  const isRead = action === 'list' || action === 'retrieve'
  return status !== null && confirmsAction(status, isRead) ? phrases.done : ''
}
