import { reportUserMistakes } from '../http/user/check-user.js'
import { type AuditUser, describeUser, USER_PROPERTIES } from '../http/user/user.js'
import type { Reporter } from '../lib/reporter.js'
import { readProperty, readSafely } from '../lib/safe-read.js'
import { reportUnknownProperties } from '../lib/unknown-properties.js'
import { composeMessage } from '../record/action-message.js'
import { AttributeList } from '../record/attributes.js'
import { findMostSevere } from '../record/notes.js'
import { describeOutcome, findDefaultLevel } from '../record/outcome.js'
import type { AuditLevel, ErrorRecord } from '../record/record.js'
import type { FoundSecret, RecordDraft, Verdict } from '../record/record-draft.js'
import { mergeSecrets } from '../redact/found/merge-secrets.js'
import type { Redactor } from '../redact/redactor.js'
import { describeError } from '../serialize/error.js'
import { toText } from '../serialize/to-text.js'
import type { Snapshot } from '../serialize/walk.js'
import { describeChanges, isPromiseLike, reportPromise } from './changes.js'
import {
  describeRequest,
  describeResponse,
  type HttpRequestDescription,
  type HttpResponseDescription,
  REQUEST_PROPERTIES,
  RESPONSE_PROPERTIES,
} from './http-descriptions.js'
import { MessageLog } from './message-log.js'
import { readProperties } from './read-properties.js'
import { describeReason } from './reason.js'
import { toShortText } from './short-text.js'
import {
  type CompletionContext,
  findPythonMessage,
  isSuccessful,
  type SuggestedAction,
  SuggestedParts,
  type Suggestions,
} from './suggested-parts.js'
import { findSuggestedTarget } from './suggested-target.js'
import { type AuditTarget, describeTargets } from './target.js'

/** Where the builder sends its record to: a pipeline, or the exchange, which completes the record first. */
export interface DraftSender {
  send(draft: RecordDraft): void
  /**
   * Whether the last call of a level method is the message, as in datapunt-audit-log. Otherwise the first one is, and those from
   * deeper code are notes.
   */
  readonly lastMessageWins: boolean
  /** For mistakes of the handler. */
  readonly reporter?: Pick<Reporter, 'reportOnce'>
  /** Creates the builder of a further action in the same exchange. */
  createChild?(): RecordBuilder
  /** Called with the logger of a further action. The builder must not refer to the logger, which may be garbage-collected. */
  onLogger?(logger: object): void
  /** Called whenever the handler calls a method of the logger. */
  onUse?(): void
}

export interface DraftRedactor extends Pick<Redactor, 'redactValue'> {
  readonly changes?: Redactor['changes']
}

/** The parts that may be shortened when they are set. */
type MarkedPart =
  | 'results'
  | 'filter.kwargs'
  | 'request_body'
  | 'action'
  | 'target'
  | 'reason'
  | 'changes'
  | 'attributes'
  | 'notes'

const NO_RESULTS: Snapshot = { content: null, isTruncated: false }

/**
 * Fills one record. Users call it through `AuditLogger`; the exchange and `audited()` call it directly. No method
 * throws: a value that JSON cannot represent is described instead.
 */
export class RecordBuilder {
  readonly #draft: RecordDraft
  readonly #redactor: DraftRedactor
  readonly #sender: DraftSender
  /** The client address, for a user without one. */
  readonly #ip: string
  #isSent = false
  // Whether a setter was called, even with an empty value: then the suggestion does not apply.
  #hasFilter = false
  #hasResults = false
  #hasAction = false
  #hasTargets = false
  /** Created when there is a second message, or one beside the message of an action. */
  #messages: MessageLog | undefined
  #attributes: AttributeList | undefined
  #suggested: SuggestedParts | undefined

  constructor(draft: RecordDraft, redactor: DraftRedactor, sender: DraftSender, ip: string) {
    this.#draft = draft
    this.#redactor = redactor
    this.#sender = sender
    this.#ip = ip
  }

  /** Called before each method that users call. */
  onUse(): void {
    this.#sender.onUse?.()
  }

  setHttpRequest(request: HttpRequestDescription): void {
    this.#draft.http_request = describeRequest(this.#read('setHttpRequest()', request, REQUEST_PROPERTIES))
  }

  setHttpResponse(response: HttpResponseDescription): void {
    this.#draft.http_response = describeResponse(
      this.#read('setHttpResponse()', response, RESPONSE_PROPERTIES),
    )
  }

  setUser(user: AuditUser): void {
    if (this.#sender.reporter !== undefined) reportUserMistakes(this.#sender.reporter, 'setUser()', user)
    const properties = readProperties(user, USER_PROPERTIES)
    this.#draft.user = describeUser(properties, this.#ip)
  }

  setFilter(objectName: string, kwargs: unknown): void {
    this.#hasFilter = true
    this.#fillFilter(objectName, kwargs)
  }

  setResults(results: unknown): void {
    this.#hasResults = true
    this.#fillResults(this.#redactResults(results))
  }

  setError(error: unknown): void {
    // Callbacks pass `null` or `undefined` for "no error".
    if (error !== undefined && error !== null) this.#draft.error = describeError(error)
  }

  /** For an error that was not passed to {@link setError}: the first one counts, because later ones result from it. */
  suggestError(error: unknown): void {
    if (this.#draft.error === null) this.setError(error)
  }

  /** For an error that passed `audited()` on its way to an error handler of the application, which may not pass it on. */
  suggestThrownError(error: unknown): void {
    if (this.#suggested !== undefined) this.#suggested.thrownError ??= describeError(error)
  }

  setAction(action: string, targets?: AuditTarget | readonly AuditTarget[]): void {
    const { text, isTruncated } = toShortText(action)
    this.#hasAction = text !== ''
    this.#draft.action = this.#hasAction ? text : null
    this.#markTruncated('action', isTruncated)
    if (targets === undefined) return
    this.#hasTargets = true
    this.#fillTargets(describeTargets(targets))
  }

  /** States the outcome, whatever the status is. The last call wins. */
  setVerdict(outcome: Verdict['outcome'], reason: unknown): void {
    const { text, isTruncated } = describeReason(reason)
    this.#draft.verdict = { outcome, reason: text }
    this.#markTruncated('reason', isTruncated)
  }

  setChanges(before: unknown, after: unknown): void {
    const redactor = this.#redactor.changes
    // A logger that records nothing compares nothing.
    if (redactor === undefined) return
    const draft = this.#draft
    if (isPromiseLike(before) || isPromiseLike(after)) {
      draft.changes = null
      reportPromise(this.#sender.reporter)
      return
    }
    const { changes, isTruncated, secrets } = describeChanges(before, after, redactor)
    draft.changes = changes
    this.#markTruncated('changes', isTruncated)
    this.addSecrets(secrets)
  }

  setAttribute(name: string, value: unknown): void {
    this.#attributes ??= new AttributeList()
    this.#attributes.set(typeof name === 'string' ? name : toText(name), value)
    this.#draft.attributes = this.#attributes.values
    this.#markTruncated('attributes', this.#attributes.isTruncated)
  }

  /** Creates the builder of a further action in the same exchange. The child of a no-op logger is a no-op logger. */
  createChild(): RecordBuilder {
    return this.#sender.createChild?.() ?? this
  }

  /** Called with the logger that was created for this builder by `child()`. */
  onLogger(logger: object): void {
    this.#sender.onLogger?.(logger)
  }

  setMessage(level: AuditLevel, message: string): void {
    const draft = this.#draft
    const text = toText(message)
    if (this.#messages !== undefined) {
      this.#messages.add(level, text)
    } else if (draft.type === null || this.#sender.lastMessageWins) {
      draft.type = level
      draft.message = text
    } else {
      this.#messages = new MessageLog(draft.type, draft.message)
      this.#messages.add(level, text)
    }
  }

  /** Sends the record. Only the first call has an effect. */
  send(): void {
    if (this.#isSent) return
    this.#isSent = true
    this.#sender.send(this.#draft)
  }

  /** Suggests values for the parts that no setter sets, before or after this call. The last call wins. */
  suggest(suggestions: Suggestions): void {
    if (this.#suggested === undefined) this.#suggested = new SuggestedParts(suggestions)
    else this.#suggested.replace(suggestions)
    if (suggestions.readRequestBody !== undefined) this.#copyRequestBody(this.#suggested)
  }

  /** Whether these are the suggestions of the last call: of two `audited()` on a request only the inner one counts. */
  isSuggestedBy(suggestions: Suggestions): boolean {
    return this.#suggested?.suggestions === suggestions
  }

  suggestAction(action: SuggestedAction): void {
    if (this.#suggested !== undefined) this.#suggested.action = action
  }

  /**
   * Takes a redacted copy at once, since the handler may change the object later.
   *
   * @param findReplacement called when the response has ended: the results to record in place of these, if any
   */
  suggestResults(results: unknown, findReplacement?: () => { readonly results: unknown } | undefined): void {
    if (this.#suggested === undefined) return
    const copy = this.#redactResults(results)
    this.#suggested.results = () => {
      const replacement = findReplacement && readSafely(findReplacement)
      return replacement ? this.#redactResults(replacement.results) : copy
    }
  }

  forgetResults(): void {
    if (this.#suggested !== undefined) this.#suggested.results = undefined
  }

  /** The id of the object in the body of the response. */
  suggestBodyId(id: string | undefined): void {
    if (this.#suggested !== undefined) this.#suggested.bodyId = id
  }

  get hasSuggestions(): boolean {
    return this.#suggested !== undefined
  }

  /** Call it when the request enters a route. */
  enterRoute(): void {
    this.#suggested?.suggestions.onRoute?.()
  }

  /** Whether the record is as that of datapunt-audit-log. */
  get followsPython(): boolean {
    return this.#sender.lastMessageWins
  }

  /** Has these values hidden in every part of the record. A part that is set again later leaves the secrets of the first. */
  addSecrets(secrets: readonly FoundSecret[]): void {
    this.#draft.secrets = mergeSecrets(this.#draft.secrets, secrets)
  }

  /** Whether {@link complete} has an effect. Hot path: most handlers call one level method, or none. */
  get needsCompletion(): boolean {
    return this.#suggested !== undefined || this.#messages !== undefined || this.#hasAction
  }

  /** Call it when the status of the response is known, and again if the status has changed since. */
  complete(context: CompletionContext): void {
    const suggested = this.#suggested
    const draft = this.#draft
    const answerer = suggested && (readSafely(() => suggested.suggestions.findAnswerer()) ?? 'another route')
    const applies = answerer === 'this route' || (answerer === 'no route' && this.#isAttempt())
    if (suggested !== undefined && applies)
      this.#applySuggestions(suggested, answerer === 'this route', context)
    if (!this.followsPython) this.#completeMessages(applies ? suggested?.action : undefined)
    else if (suggested !== undefined && applies && draft.type === null)
      draft.message = findPythonMessage(suggested, draft)
  }

  /**
   * Whether the record is that of an attempt although the route has passed the request on: nothing was done then. A success is
   * that of whatever has answered.
   */
  #isAttempt(): boolean {
    if (this.followsPython) return false
    const outcome = describeOutcome(this.#draft)
    return outcome === 'denied' || outcome === 'failure' || this.#draft.http_response?.status_code === null
  }

  #applySuggestions(
    suggested: SuggestedParts,
    isAnswered: boolean,
    { mayHaveBody }: CompletionContext,
  ): void {
    const { suggestions, results, thrownError } = suggested
    const draft = this.#draft
    if (isAnswered) draft.route ??= suggestions.route ?? null
    if (thrownError !== undefined && !this.followsPython) draft.error ??= thrownError
    if (describeOutcome(draft) !== 'success') suggested.action = suggestions.findAttempt() ?? suggested.action
    const { action } = suggested
    if (!this.#hasAction) draft.action = action?.action ?? null
    if (!this.#hasTargets && action !== undefined) this.#fillTargets(this.#findTarget(suggested))
    if (!this.#hasFilter) {
      const { object, kwargs } = suggestions.filter(this.followsPython)
      this.#fillFilter(object, kwargs)
    }
    if (results !== undefined && !this.#hasResults) {
      const status = draft.http_response?.status_code ?? null
      // Without an action, as for OPTIONS, the body is not that of an object.
      const hasResults = isAnswered && action !== undefined && mayHaveBody && isSuccessful(status)
      this.#fillResults(hasResults && !this.#isErrorBody(thrownError) ? results() : NO_RESULTS)
    }
    if (suggestions.readRequestBody !== undefined) this.#fillRequestBody(suggested)
  }

  /** Whether the body tells of an error, whatever the status is. */
  #isErrorBody(thrownError: ErrorRecord | undefined): boolean {
    const { verdict } = this.#draft
    if (verdict !== null && verdict.outcome !== 'success') return true
    return thrownError !== undefined && !this.followsPython
  }

  #findTarget(suggested: SuggestedParts): ReturnType<typeof describeTargets> {
    return findSuggestedTarget(suggested, this.#draft, ({ name, value }, part) => {
      const { content, secrets } = this.#redactor.redactValue({ [name]: value }, part)
      if (readProperty(content, name) === value) return value
      this.addSecrets(secrets)
      return secrets.find(({ pseudonym }) => pseudonym !== undefined)?.pseudonym
    })
  }

  #fillTargets({ targets, isTruncated }: ReturnType<typeof describeTargets>): void {
    this.#draft.targets = targets
    this.#markTruncated('target', isTruncated)
  }

  #copyRequestBody(suggested: SuggestedParts): void {
    const body = readSafely(() => suggested.suggestions.readRequestBody?.())
    if (body === undefined) return
    const copy = this.#redactor.redactValue(body, 'request_body')
    this.addSecrets(copy.secrets)
    suggested.requestBody = copy
  }

  #fillRequestBody(suggested: SuggestedParts): void {
    if (suggested.requestBody === undefined) this.#copyRequestBody(suggested)
    const { content, isTruncated } = suggested.requestBody ?? NO_RESULTS
    this.#draft.request_body = content
    this.#markTruncated('request_body', isTruncated)
  }

  /** @param suggested the action of `audited()`, beside whose message all others are notes */
  #completeMessages(suggested: SuggestedAction | undefined): void {
    const draft = this.#draft
    if (suggested !== undefined && draft.type !== null)
      this.#messages ??= new MessageLog(draft.type, draft.message)
    if (this.#messages !== undefined)
      this.#markTruncated('notes', this.#messages.fill(draft, suggested !== undefined))
    // Of the action that the handler has set, the message is composed when the record is redacted.
    if (suggested !== undefined)
      draft.message = this.#hasAction ? '' : composeMessage(suggested.phrases, draft)
    // A `debug()` from deep inside the application does not lower the level of an action, or of its failure.
    if (draft.action !== null && draft.type !== null)
      draft.type = findMostSevere([draft.type, findDefaultLevel(draft)])
  }

  #read<Description extends object>(
    place: string,
    description: Description,
    names: readonly (keyof Description & string)[],
  ): Partial<Description> {
    const { reporter } = this.#sender
    if (reporter !== undefined) reportUnknownProperties(reporter, place, description, names)
    return readProperties(description, names)
  }

  #fillFilter(objectName: string, kwargs: unknown): void {
    const { content, isTruncated, secrets } = this.#redactor.redactValue(kwargs, 'filter.kwargs')
    this.#draft.filter = { object: toText(objectName), kwargs: content }
    this.#markTruncated('filter.kwargs', isTruncated)
    this.addSecrets(secrets)
  }

  /** Secrets of results that are not recorded after all are hidden too: they are secrets of the same exchange. */
  #redactResults(results: unknown): Snapshot {
    const redacted = this.#redactor.redactValue(results, 'results')
    this.addSecrets(redacted.secrets)
    return redacted
  }

  #fillResults({ content, isTruncated }: Snapshot): void {
    this.#draft.results = content
    this.#markTruncated('results', isTruncated)
  }

  #markTruncated(path: MarkedPart, isTruncated: boolean): void {
    // Hot path: nearly no part is too long.
    if (!isTruncated && this.#draft.truncated.length === 0) return
    const others = this.#draft.truncated.filter((part) => part !== path)
    this.#draft.truncated = isTruncated ? [...others, path] : others
  }
}
