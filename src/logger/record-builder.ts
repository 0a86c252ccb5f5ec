import { reportUserMistakes } from '../http/user/check-user.js'
import { type AuditUser, describeUser, USER_PROPERTIES } from '../http/user/user.js'
import type { Reporter } from '../lib/reporter.js'
import { readSafely } from '../lib/safe-read.js'
import { reportUnknownProperties } from '../lib/unknown-properties.js'
import { findMostSevere, NoteList } from '../record/notes.js'
import type { AuditedAction, AuditLevel } from '../record/record.js'
import { type FoundSecret, findDefaultLevel, type RecordDraft, type Verdict } from '../record/record-draft.js'
import { MAX_SECRETS_OF_DRAFT } from '../redact/found/found-secrets.js'
import type { Redactor } from '../redact/redactor.js'
import { describeError } from '../serialize/error.js'
import { toJson } from '../serialize/to-json.js'
import { toText } from '../serialize/to-text.js'
import type { Snapshot } from '../serialize/walk.js'
import { readProperties } from './read-properties.js'
import { type AuditTarget, describeTargets } from './target.js'

export interface HttpRequestDescription {
  readonly method: string
  readonly url: string
  /** @default '' */
  readonly userAgent?: string | undefined
}

export interface HttpResponseDescription {
  readonly statusCode: number
  readonly reason: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | null | undefined
}

/** Where the builder sends its record to: a pipeline, or the exchange, which completes the record first. */
export interface DraftSender {
  send(draft: RecordDraft): void
  /** For mistakes of the handler. */
  readonly reporter?: Pick<Reporter, 'reportOnce'>
  /** Creates the builder of a further action in the same exchange. */
  createChild?(): RecordBuilder
  /** Called whenever the handler calls a method of the logger. */
  onUse?(): void
}

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
interface SuggestionContext {
  /** Whether the client may have received a body. Only then its results are recorded. */
  readonly mayHaveBody: boolean
  /** Whether the last level method wins over the message of the action, as in datapunt-audit-log. */
  readonly followsPython: boolean
}

const NO_RESULTS: Snapshot = { content: null, isTruncated: false }

/**
 * Fills one record. Users call it through `AuditLogger`; the exchange and `audited()` call it directly. No method
 * throws: a value that JSON cannot represent is described instead.
 */
export class RecordBuilder {
  readonly #draft: RecordDraft
  readonly #redactor: Pick<Redactor, 'redactValue'>
  readonly #sender: DraftSender
  /** The client address, for a user without one. */
  readonly #ip: string
  #isSent = false
  // Whether a setter was called, even with an empty value: then the suggestion does not apply.
  #hasFilter = false
  #hasResults = false
  /** The last call of a level method. Hot path: two fields, because most handlers call one method once. */
  #level: AuditLevel | undefined
  #message = ''
  /** The calls before it. */
  #earlierNotes: NoteList | undefined
  #suggestions: Suggestions | undefined
  #suggestedAction: SuggestedAction | undefined
  #suggestedResults: (() => Snapshot) | undefined

  constructor(draft: RecordDraft, redactor: Pick<Redactor, 'redactValue'>, sender: DraftSender, ip: string) {
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
    const { method, url, userAgent } = this.#read('setHttpRequest()', request, REQUEST_PROPERTIES)
    this.#draft.http_request = { method: toText(method), url: toText(url), user_agent: toText(userAgent) }
  }

  setHttpResponse(response: HttpResponseDescription): void {
    const { statusCode, reason, headers } = this.#read('setHttpResponse()', response, RESPONSE_PROPERTIES)
    this.#draft.http_response = {
      status_code: parseStatus(statusCode),
      reason: toText(reason),
      headers: headers === undefined ? null : toJson(headers),
    }
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

  setAction(action: string, targets?: AuditTarget | readonly AuditTarget[]): void {
    this.#draft.action = toText(action)
    if (targets !== undefined) this.#draft.targets = describeTargets(targets)
  }

  /** States the outcome, whatever the status is. The last call wins. */
  setVerdict(outcome: Verdict['outcome'], reason: unknown): void {
    this.#draft.verdict = { outcome, reason: toText(reason) }
  }

  setChanges(_before: unknown, _after: unknown): void {}

  setAttribute(name: string, value: unknown): void {
    this.#draft.attributes = { ...this.#draft.attributes, [name]: toJson(value) }
  }

  /** Creates the builder of a further action in the same exchange. */
  createChild(): RecordBuilder {
    return this.#sender.createChild?.() ?? this
  }

  setMessage(level: AuditLevel, message: string): void {
    if (this.#level !== undefined) {
      this.#earlierNotes ??= new NoteList()
      this.#earlierNotes.add(this.#level, this.#message)
    }
    this.#level = level
    this.#message = toText(message)
    this.#draft.type = level
    this.#draft.message = this.#message
  }

  /** Sends the record. Only the first call has an effect. */
  send(): void {
    if (this.#isSent) return
    this.#isSent = true
    this.#sender.send(this.#draft)
  }

  /** Suggests values for the parts that no setter sets, before or after this call. The last call wins. */
  suggest(suggestions: Suggestions): void {
    this.#suggestions = suggestions
    this.#suggestedAction = suggestions.action ?? this.#suggestedAction
  }

  /** Whether these are the suggestions of the last call: of two `audited()` on a request only the inner one counts. */
  isSuggestedBy(suggestions: Suggestions): boolean {
    return this.#suggestions === suggestions
  }

  suggestAction(action: SuggestedAction): void {
    this.#suggestedAction = action
  }

  /**
   * Takes a redacted copy at once, since the handler may change the object later.
   *
   * @param findReplacement called when the response has ended: the results to record in place of these, if any
   */
  suggestResults(results: unknown, findReplacement?: () => { readonly results: unknown } | undefined): void {
    const copy = this.#redactResults(results)
    this.#suggestedResults = () => {
      const replacement = findReplacement && readSafely(findReplacement)
      return replacement ? this.#redactResults(replacement.results) : copy
    }
  }

  forgetResults(): void {
    this.#suggestedResults = undefined
  }

  /** Has these values hidden in every part of the record. A part that is set again later leaves the secrets of the first. */
  addSecrets(secrets: readonly FoundSecret[]): void {
    const draft = this.#draft
    if (secrets.length > 0) draft.secrets = [...draft.secrets, ...secrets].slice(0, MAX_SECRETS_OF_DRAFT)
  }

  get hasSuggestions(): boolean {
    return this.#suggestions !== undefined
  }

  /** Call it when the status of the response is known, and again if the status has changed since. */
  applySuggestions({ mayHaveBody, followsPython }: SuggestionContext): void {
    if (this.#suggestions === undefined) return
    const suggestions = this.#suggestions
    if (readSafely(() => suggestions.isLeft()) ?? true) return
    const { filter, route } = suggestions
    const [results, action] = [this.#suggestedResults, this.#suggestedAction]
    const draft = this.#draft
    const status = draft.http_response?.status_code ?? null
    draft.route ??= route ?? null
    draft.action = action?.action ?? null
    if (!this.#hasFilter) {
      const { object, kwargs } = filter()
      this.#fillFilter(object, kwargs)
    }
    if (results !== undefined && !this.#hasResults) {
      // Without an action, as for OPTIONS, the body is not that of an object.
      const hasResults = action !== undefined && mayHaveBody && isSuccessful(status)
      this.#fillResults(hasResults ? results() : NO_RESULTS)
    }
    // Not for an error that was answered with a page of status 200.
    const isDone = draft.error === null && confirmsAction(status, action?.action)
    this.#fillMessage(isDone ? action?.message : undefined, followsPython)
  }

  /** With a message of the action, all calls of level methods are notes; without one, the last call is the message. */
  #fillMessage(actionMessage: string | undefined, followsPython: boolean): void {
    const draft = this.#draft
    if (this.#level === undefined) {
      draft.message = actionMessage ?? ''
      return
    }
    if (followsPython) return
    const last = { type: this.#level, message: this.#message }
    const earlier = this.#earlierNotes ?? new NoteList()
    const { notes, isTruncated } = earlier.complete(actionMessage === undefined ? undefined : last)
    draft.message = actionMessage ?? this.#message
    draft.notes = notes
    // A `debug()` from deep inside the application does not lower the level of the action or of a failure.
    draft.type = findMostSevere([...notes.map(({ type }) => type), this.#level, findDefaultLevel(draft)])
    this.#markTruncated('notes', isTruncated)
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

  #markTruncated(path: 'results' | 'filter.kwargs' | 'notes', isTruncated: boolean): void {
    const others = this.#draft.truncated.filter((part) => part !== path)
    this.#draft.truncated = isTruncated ? [...others, path] : others
  }
}

function isSuccessful(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300
}

/** Accepted, but not done yet (RFC 9110 section 15.3.3), and several outcomes in the body (RFC 4918 section 11.1). */
const UNDECIDED_STATUSES = new Set<number | null>([202, 207])

/**
 * Whether the status shows that the action was done. A redirect does not: it may lead to the result or to a login page. A
 * 304 confirms only a read (RFC 9110 section 15.4.5).
 */
function confirmsAction(status: number | null, action: AuditedAction | undefined): boolean {
  if (status === 304) return action === 'list' || action === 'retrieve'
  return isSuccessful(status) && !UNDECIDED_STATUSES.has(status)
}

/** A status code has three digits (RFC 9110 section 15); 0 is what some clients report if there was no response. */
function parseStatus(statusCode: unknown): number | null {
  const status = typeof statusCode === 'string' && /^\d+$/.test(statusCode) ? Number(statusCode) : statusCode
  return Number.isInteger(status) && Number(status) >= 0 && Number(status) <= 999 ? (status as number) : null
}

const REQUEST_PROPERTIES = ['method', 'url', 'userAgent'] as const
const RESPONSE_PROPERTIES = ['statusCode', 'reason', 'headers'] as const
