import { type AuditUser, describeUser } from '../http/user.js'
import { suppressRejection } from '../lib/safe-read.js'
import type { AuditLoggerOptions } from '../options/options.js'
import { getSharedPipeline } from '../pipeline/shared-pipelines.js'
import { type AuditLevel, emptyDraft, type RecordDraft, type Suggestions } from '../record/record.js'
import type { Redactor } from '../redact/redactor.js'
import { describeError } from '../serialize/error.js'
import { toJson } from '../serialize/to-json.js'
import { toText } from '../serialize/to-text.js'
import type { Snapshot } from '../serialize/walk.js'

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

/** Where a record goes. */
export interface Sender {
  send(draft: RecordDraft): void
}

/**
 * One audit record in the making. In a request it is `req.audit` or `ctx.audit`, and the middleware sends it;
 * without HTTP you make it and send it yourself. Every method returns the logger, none is required, and none
 * throws: a value that JSON cannot say is described instead. What is said twice counts as said last.
 *
 * @example
 * new AuditLogger()
 *   .setHttpRequest({ method: 'GET', url: 'https://localhost', userAgent: 'Test' })
 *   .info('This is a log message')
 *   .sendLog()
 */
export class AuditLogger {
  readonly #draft: RecordDraft
  readonly #sender: Sender
  readonly #redactor: Redactor
  /** Stands in for an address that is not said. */
  readonly #ip: string
  #isSent = false
  /** Whether somebody said these, if only that there is nothing to say. */
  #hasFilter = false
  #hasResults = false
  #hasMessage = false

  /**
   * @throws AuditLogError `ERR_AUDIT_OPTIONS`
   */
  constructor(options?: AuditLoggerOptions)
  /** @internal The logger of an exchange, which knows more of the record when it leaves. */
  constructor(draft: RecordDraft, redactor: Redactor, sender: Sender, ip: string)
  constructor(first?: AuditLoggerOptions | RecordDraft, redactor?: Redactor, sender?: Sender, ip = '') {
    if (redactor !== undefined && sender !== undefined) {
      this.#draft = first as RecordDraft
      this.#redactor = redactor
      this.#sender = sender
    } else {
      const pipeline = getSharedPipeline(first as AuditLoggerOptions | undefined)
      this.#draft = emptyDraft(Date.now())
      this.#redactor = pipeline.redactor
      this.#sender = pipeline
    }
    this.#ip = ip
  }

  /** In a request this is filled in on entry. */
  setHttpRequest(request: HttpRequestDescription): this {
    const { method, url, userAgent } = said<HttpRequestDescription>(request, ['method', 'url', 'userAgent'])
    this.#draft.http_request = { method: toText(method), url: toText(url), user_agent: toText(userAgent) }
    return this
  }

  /** In a request the middleware says last what really left, so there this has no effect. */
  setHttpResponse(response: HttpResponseDescription): this {
    const { statusCode, reason, headers } = said<HttpResponseDescription>(response, [
      'statusCode',
      'reason',
      'headers',
    ])
    this.#draft.http_response = {
      status_code: statusOf(statusCode),
      reason: toText(reason),
      headers: headers === undefined ? null : toJson(headers),
    }
    return this
  }

  /** In a request the client's address stands in for an `ip` that is left out. */
  setUser(user: AuditUser): this {
    this.#draft.user = describeUser(said<AuditUser>(user, USER_PROPERTIES), this.#ip)
    return this
  }

  /**
   * The type of object that was asked for, and the filters that were used.
   *
   * @example logger.setFilter('Person', { last_name: 'Jansen' })
   */
  setFilter(objectName: string, kwargs: unknown = {}): this {
    this.#hasFilter = true
    this.#fillFilter(objectName, kwargs)
    return this
  }

  /** What was returned to the user, as it is now: later changes to it do not reach the record. */
  setResults(results: unknown = null): this {
    this.#hasResults = true
    this.#fillResults(this.#redactor.redactValue(results, 'results'))
    return this
  }

  /**
   * What went wrong, by name and message. Koa shows it to us, and in Express `auditErrors()` does.
   *
   * @param error what was thrown, an `Error` or not; `null` and `undefined` say that nothing was
   */
  setError(error: unknown): this {
    // As callbacks say that there was none.
    if (error !== undefined && error !== null) this.#draft.error = describeError(error)
    return this
  }

  debug(message: string): this {
    return this.#say('DEBUG', message)
  }

  info(message: string): this {
    return this.#say('INFO', message)
  }

  warning(message: string): this {
    return this.#say('WARNING', message)
  }

  error(message: string): this {
    return this.#say('ERROR', message)
  }

  critical(message: string): this {
    return this.#say('CRITICAL', message)
  }

  /**
   * Hands the record on. The first call writes it, any further one writes nothing. In a request the middleware
   * calls it when the exchange has ended; called before that, the one record leaves then, with what is known.
   */
  sendLog(): void {
    if (this.#isSent) return
    this.#isSent = true
    this.#sender.send(this.#draft)
  }

  /** @internal What the record says where nobody says it with the setters, whichever comes first. */
  suggest({ filter, message, route }: Omit<Suggestions, 'results'>): void {
    const { suggestion: before } = this.#draft
    this.#draft.suggestion = { filter, results: before?.results, message: message ?? before?.message, route }
  }

  /** @internal What is handed over here is described as it is now. Where nothing was suggested before, nothing is. */
  suggestResults(results: unknown): void {
    const { suggestion } = this.#draft
    if (suggestion !== null) suggestion.results = this.#redactor.redactValue(results, 'results')
  }

  /** @internal Another message than was suggested. */
  suggestMessage(message: string): void {
    const { suggestion } = this.#draft
    if (suggestion !== null) suggestion.message = message
  }

  /** @internal Once it is known how the request was answered; once more where that has changed. */
  applySuggestion(): void {
    const draft = this.#draft
    if (draft.suggestion === null) return
    const { filter, results, message, route } = draft.suggestion
    const status = draft.http_response?.status_code ?? null
    const hasSucceeded = status !== null && status < 400
    draft.route ??= route ?? null
    if (filter !== undefined && !this.#hasFilter) {
      const { object, kwargs } = filter()
      this.#fillFilter(object, kwargs)
    }
    if (results !== undefined && !this.#hasResults) {
      this.#fillResults(hasSucceeded ? results : { content: null, isCut: false })
    }
    if (message !== undefined && !this.#hasMessage) draft.message = hasSucceeded ? message : ''
  }

  #fillFilter(objectName: string, kwargs: unknown): void {
    const { content, isCut } = this.#redactor.redactValue(kwargs, 'filter.kwargs')
    this.#draft.filter = { object: toText(objectName), kwargs: content }
    this.#markCut('filter.kwargs', isCut)
  }

  #fillResults({ content, isCut }: Snapshot): void {
    this.#draft.results = content
    this.#markCut('results', isCut)
  }

  #markCut(path: 'results' | 'filter.kwargs', isCut: boolean): void {
    const others = this.#draft.truncated.filter((part) => part !== path)
    this.#draft.truncated = isCut ? [...others, path] : others
  }

  #say(level: AuditLevel, message: string): this {
    this.#hasMessage = true
    this.#draft.type = level
    this.#draft.message = toText(message)
    return this
  }
}

function statusOf(statusCode: unknown): number | null {
  const status = typeof statusCode === 'string' && /^\d+$/.test(statusCode) ? Number(statusCode) : statusCode
  // RFC 9110 section 15: three digits, of which 0 is what some say where there was none.
  return Number.isInteger(status) && Number(status) >= 0 && Number(status) <= 999 ? (status as number) : null
}

const USER_PROPERTIES = ['authenticated', 'provider', 'realm', 'email', 'roles', 'ip', 'id'] as const

/** What a caller without types may have handed over, property by property: one that cannot be read says nothing. */
function said<Description extends object>(
  value: Description,
  names: readonly (keyof Description)[],
): Partial<Description> {
  const read: Partial<Description> = {}
  for (const name of names) {
    try {
      read[name] = suppressRejection(value[name])
    } catch {
      // A getter threw, or there is nothing to read from.
    }
  }
  return read
}
