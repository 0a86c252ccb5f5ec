import { reportUserMistakes } from '../http/user/check-user.js'
import { type AuditUser, describeUser, USER_PROPERTIES } from '../http/user/user.js'
import type { Reporter } from '../lib/reporter.js'
import { reportUnknownProperties } from '../lib/unknown-properties.js'
import { composeMessage } from '../record/action-message.js'
import { AttributeList } from '../record/attributes.js'
import { findMostSevere } from '../record/notes.js'
import { describeOutcome, findDefaultLevel } from '../record/outcome.js'
import type { AuditLevel } from '../record/record.js'
import { createDraft, type FoundSecret, type RecordDraft, type Verdict } from '../record/record-draft.js'
import { describeError } from '../serialize/error.js'
import { toText } from '../serialize/to-text.js'
import { describeChanges, findMistake } from './changes.js'
import {
  addSecrets,
  type DraftRedactor,
  fillFilter,
  fillResults,
  fillTargets,
  markTruncated,
  redactPart,
} from './draft-parts.js'
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
import { type CompletionContext, SuggestedParts } from './suggested-parts.js'
import type { SuggestedAction, Suggestions } from './suggestions.js'
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
  /** Created when there is a second message, or one beside an action. */
  #messages: MessageLog | undefined
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
    fillFilter(this.#draft, this.#redactor, objectName, kwargs)
  }

  setResults(results: unknown): void {
    this.#hasResults = true
    fillResults(this.#draft, redactPart(this.#draft, this.#redactor, results, 'results'))
  }

  setError(error: unknown): void {
    // Callbacks pass `null` or `undefined` for "no error".
    if (error !== undefined && error !== null) this.#draft.error = describeError(error)
  }

  /** For an error that was not passed to {@link setError}: the first one counts, because later ones result from it. */
  suggestError(error: unknown): void {
    if (this.#draft.error === null) this.setError(error)
  }

  setAction(action: string, targets?: AuditTarget | readonly AuditTarget[]): void {
    const { text, isTruncated } = toShortText(action)
    this.#hasAction = text !== ''
    this.#draft.action = this.#hasAction ? text : null
    markTruncated(this.#draft, 'action', isTruncated)
    if (targets === undefined) return
    this.#hasTargets = true
    fillTargets(this.#draft, describeTargets(targets), 'handler')
  }

  /** States the outcome, whatever the status is. The last call wins. */
  setVerdict(outcome: Verdict['outcome'], reason: unknown): void {
    const { text, isTruncated } = describeReason(reason)
    this.#draft.verdict = { outcome, reason: text }
    markTruncated(this.#draft, 'reason', isTruncated)
  }

  setChanges(before: unknown, after: unknown): void {
    const redactor = this.#redactor.changes
    // A logger that records nothing compares nothing.
    if (redactor === undefined) return
    const draft = this.#draft
    const mistake = findMistake(before, after)
    if (mistake !== undefined) {
      draft.changes = null
      this.#sender.reporter?.reportOnce('ERR_AUDIT_PROPERTY', mistake)
      return
    }
    const { changes, isTruncated, secrets } = describeChanges(before, after, redactor)
    draft.changes = changes
    markTruncated(draft, 'changes', isTruncated)
    addSecrets(draft, secrets)
  }

  setAttribute(name: string, value: unknown): void {
    this.#draft.attributes ??= new AttributeList()
    this.#draft.attributes.set(typeof name === 'string' ? name : toText(name), value)
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
  suggest(suggestions: Suggestions): SuggestedParts {
    if (this.#suggested !== undefined) this.#suggested.replace(suggestions)
    else this.#suggested = new SuggestedParts(suggestions, this.#draft, this.#redactor, this.followsPython)
    return this.#suggested
  }

  /** `undefined` unless `audited()` has suggested something. */
  get suggested(): SuggestedParts | undefined {
    return this.#suggested
  }

  /**
   * Whether the record of a request is as that of datapunt-audit-log. Only for `audited()`, which needs a request: without one the
   * last message wins in every format.
   */
  get followsPython(): boolean {
    return this.#sender.lastMessageWins
  }

  /** Has these values hidden in every part of the record. A part that is set again later leaves the secrets of the first. */
  addSecrets(secrets: readonly FoundSecret[]): void {
    addSecrets(this.#draft, secrets)
  }

  /** The draft as it is now, with all its messages, which {@link complete} puts in their place. */
  describeSoFar(): RecordDraft {
    const draft = this.#draft
    return this.#messages === undefined ? draft : { ...draft, notes: this.#messages.all }
  }

  /** Whether {@link complete} has an effect. Hot path: most handlers call one level method, or none. */
  get needsCompletion(): boolean {
    return this.#suggested !== undefined || this.#messages !== undefined || this.#hasAction
  }

  /** Call it when the status of the response is known, and again if the status has changed since. */
  complete(context: CompletionContext): void {
    const suggested = this.#suggested
    const applies = suggested?.apply(context, {
      hasFilter: this.#hasFilter,
      hasResults: this.#hasResults,
      hasAction: this.#hasAction,
      hasTargets: this.#hasTargets,
    })
    if (!this.#sender.lastMessageWins)
      this.#completeMessages(this.#draft, applies ? suggested?.action : undefined)
    else if (applies && suggested !== undefined && this.#draft.type === null)
      this.#draft.message = suggested.pythonMessage
  }

  /** Fills the line of an earlier stage with what is certain by then. The record itself stays as it is. */
  completeStage(stageDraft: RecordDraft): void {
    const action = this.#suggested?.applyToStage(stageDraft, this.#hasAction, this.#hasTargets)
    this.#completeMessages(stageDraft, action)
  }

  /**
   * Has the action as the message, and those of level methods as notes, with an action of `audited()`, and where that of the
   * handler was not done.
   */
  #completeMessages(draft: RecordDraft, suggested: SuggestedAction | undefined): void {
    const hasAction = this.#hasAction || suggested !== undefined
    // Also for a success: the status may change until the record is sent, and the message with it.
    if (hasAction && draft.type !== null) this.#messages ??= new MessageLog(draft.type, draft.message)
    const statesAction = suggested !== undefined || (hasAction && describeOutcome(draft) !== 'success')
    if (this.#messages !== undefined) markTruncated(draft, 'notes', this.#messages.fill(draft, statesAction))
    // For an action of the handler the pipeline composes the message, after redaction.
    if (statesAction)
      draft.message =
        this.#hasAction || suggested === undefined ? '' : composeMessage(suggested.phrases, draft)
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
}

const noopRedactor = { redactValue: () => ({ content: null, isTruncated: false, secrets: [] }) }
const noopSender: DraftSender = { lastMessageWins: true, send() {} }

/** Creates a builder that accepts every call and records nothing. */
export function createNoopBuilder(sender = noopSender): RecordBuilder {
  return new RecordBuilder(createDraft(Date.now()), noopRedactor, sender, '')
}
