// The line of a usual exchange, written straight from the draft. The general path (pipeline.ts) copies a draft to a record, redacts
// and formats it, and writes the result: far more than is needed where nothing has to be redacted, shortened or renamed.

import { formatAudit } from '../formats/audit.js'
import { ReceivedRequest } from '../http/received-request.js'
import { SentResponse } from '../http/response/sent-response.js'
import { BoundedCache, detachString, MAX_CACHED_LENGTH, memoizeLast } from '../lib/bounded-cache.js'
import { isUuid } from '../lib/uuid.js'
import type { ResolvedLoggerOptions, ResponseHeaders } from '../options/resolve.js'
import { fitsBytes } from '../record/fit-record.js'
import { describeOutcome, findLevel } from '../record/outcome.js'
import type {
  Ending,
  FilterRecord,
  Outcome,
  RequestRecord,
  TargetRecord,
  UserRecord,
} from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import type { SequenceNumber } from '../record/sequence.js'
import type { HarmlessParts } from '../redact/harmless-parts.js'
import type { JsonValue } from '../serialize/json-value.js'
import { quoteText } from '../serialize/quote-text.js'
import { stringifyJson } from '../serialize/stringify.js'
import { HeaderBlocks } from './header-blocks.js'
import type { Origin } from './origin.js'
import { serializeEnd } from './render-line.js'

/** Returns the line of a draft; `undefined` if it needs the general path. Both write the same line. */
export type DirectRenderer = (draft: RecordDraft, sequence: SequenceNumber) => string | undefined

/** Longer texts and header blocks are left to the general path, which cuts them before it redacts them. */
const MAX_TEXT_LENGTH = 2048
const MAX_BLOCK_LENGTH = 8192

/** @returns `undefined` if the options need the general path for every record */
export function createDirectRenderer(
  { format, maxRecordBytes }: Pick<ResolvedLoggerOptions, 'format' | 'maxRecordBytes'>,
  responseHeaders: ResponseHeaders,
  harmless: HarmlessParts | undefined,
  origin: Origin,
): DirectRenderer | undefined {
  const selectsHeaders = responseHeaders !== 'all' && responseHeaders !== 'default'
  if (format !== formatAudit || selectsHeaders || harmless === undefined) return undefined
  const parts = new DirectParts(harmless)
  const end = serializeEnd(origin)

  return (draft, sequence) => {
    try {
      const content = parts.write(draft, sequence)
      if (content === undefined) return undefined
      const line = content + end
      return fitsBytes(line, maxRecordBytes) ? line : undefined
    } catch {
      // The general path reports it.
      return undefined
    }
  }
}

/** A user agent in which nothing is redacted, and its part of the line: see {@link writeAgent}. */
interface RememberedAgent {
  readonly text: string
  readonly json: string
}

class DirectParts {
  readonly #harmless: HarmlessParts
  readonly #blocks: HeaderBlocks
  // Parts that are the same in most records, as the last record had them.
  readonly #writeEmptyAct = memoizeLast((level: string) => writeAct(null, null, level, ''))
  readonly #writeRun = memoizeLast(writeRun)
  #lastEnding: { outcome: Outcome | ''; ended: Ending | null; json: string } = {
    outcome: '',
    ended: null,
    json: '',
  }
  #lastRoute = { route: '', json: '' }
  /** The beginnings of lines by method: see {@link writeStart}. */
  readonly #starts = new BoundedCache<string>(50)
  readonly #agents = new BoundedCache<RememberedAgent>(200)
  /** Hot path: an application may be called by one client only, and comparing is faster than looking up. */
  #lastAgent: RememberedAgent = { text: '', json: writeAgent('') }

  constructor(harmless: HarmlessParts) {
    this.#harmless = harmless
    this.#blocks = new HeaderBlocks(harmless)
  }

  /** Hot path: few concatenations, because each costs more than the characters that it adds. */
  write(draft: RecordDraft, sequence: SequenceNumber): string | undefined {
    if (hasUnusualPart(draft)) return undefined
    const request = this.#writeRequest(draft.http_request)
    if (request === undefined) return undefined
    const response = this.#writeResponse(draft.http_response)
    if (response === undefined || !this.#areTextsHarmless(draft)) return undefined
    return (
      request +
      response +
      writeUser(draft.user) +
      this.#writeAct(draft) +
      draft.time +
      DURATION +
      (Number.isFinite(draft.duration_ms) ? draft.duration_ms : 'null') +
      this.#writeEnding(draft) +
      writeRequestId(draft.request_id) +
      this.#writeIdentity(draft.trace_id, sequence) +
      this.#writeOptionalParts(draft)
    )
  }

  /** From the filter to the time, without it. */
  #writeAct(draft: RecordDraft): string {
    const { filter, results, message } = draft
    const level = findLevel(draft, false)
    const isEmpty = filter === null && results === null && message === ''
    return isEmpty ? this.#writeEmptyAct(level) : writeAct(filter, results, level, message)
  }

  /** Outcome and ending, and the name of the request id. */
  #writeEnding(draft: RecordDraft): string {
    const { ended } = draft
    const outcome = describeOutcome(draft)
    if (outcome !== this.#lastEnding.outcome || ended !== this.#lastEnding.ended) {
      const json = `,"outcome":"${outcome}","ended":${ended === null ? 'null' : `"${ended}"`},"request_id":`
      this.#lastEnding = { outcome, ended, json }
    }
    return this.#lastEnding.json
  }

  #writeIdentity(trace: string | null, { run, seq }: SequenceNumber): string {
    const text = String(seq)
    const { beforeSeq, beforeId } = this.#writeRun(run)
    return writeTrace(trace) + beforeSeq + text + beforeId + text + QUOTE
  }

  /** Parts that not all records have, and that stand behind the others. */
  #writeOptionalParts({ span_id, route, action, targets }: RecordDraft): string {
    let parts = span_id === null ? '' : `,"span_id":${quoteText(span_id)}`
    if (route !== null) {
      parts += route === this.#lastRoute.route ? this.#lastRoute.json : this.#writeRoute(route)
    }
    if (action !== null) parts += `,"action":${quoteText(action)}`
    if (targets.length > 0) parts += `,"target":${stringifyJson(targets)}`
    return parts
  }

  #writeRoute(route: string): string {
    const json = `,"route":${quoteText(route)}`
    if (route.length <= MAX_CACHED_LENGTH)
      this.#lastRoute = { route: detachString(route), json: detachString(json) }
    return json
  }

  #writeRequest(request: RequestRecord | null): string | undefined {
    if (request === null) return undefined
    const { user_agent } = request
    const agent =
      user_agent === this.#lastAgent.text ? this.#lastAgent.json : this.#writeUserAgent(user_agent)
    if (agent === undefined) return undefined
    const url = request instanceof ReceivedRequest ? this.#writeReceived(request) : this.#writeUrl(request)
    return url === undefined ? undefined : url + agent
  }

  /** Hot path: a plain URL needs no escaping. */
  #writeReceived(request: ReceivedRequest): string | undefined {
    const { method, origin, target } = request
    if (!this.#harmless.isPlainUrl(origin, target)) return this.#writeUrl(request)
    return method.length > MAX_TEXT_LENGTH ? undefined : this.#findStart(method) + origin + target
  }

  #findStart(method: string): string {
    const known = this.#starts.get(method)
    if (known !== undefined) return known
    const start = detachString(writeStart(method))
    this.#starts.set(method, start)
    return start
  }

  #writeUrl({ method, url }: RequestRecord): string | undefined {
    if (url.length > MAX_TEXT_LENGTH || method.length > MAX_TEXT_LENGTH) return undefined
    return this.#harmless.isHarmlessUrl(url) ? writeStart(method) + quoteText(url).slice(1, -1) : undefined
  }

  #writeUserAgent(userAgent: string): string | undefined {
    const known = this.#agents.get(userAgent)
    if (known !== undefined) {
      this.#lastAgent = known
      return known.json
    }
    if (userAgent.length > MAX_TEXT_LENGTH || !this.#harmless.isHarmlessToken(userAgent)) return undefined
    const json = writeAgent(userAgent)
    this.#agents.set(userAgent, { text: detachString(userAgent), json: detachString(json) })
    return json
  }

  #writeResponse(response: RecordDraft['http_response']): string | undefined {
    if (!(response instanceof SentResponse)) return undefined
    const { block, omitsPolicies } = response
    return block.length > MAX_BLOCK_LENGTH ? undefined : this.#blocks.write(block, omitsPolicies)
  }

  #areTextsHarmless({ action, message, request_id, targets, user }: RecordDraft): boolean {
    const harmless = this.#harmless
    if (message.length > MAX_TEXT_LENGTH || !harmless.isHarmlessText(message)) return false
    if (request_id !== null && !isUuid(request_id) && !harmless.isHarmlessToken(request_id)) return false
    if (user !== null && !this.#isUserHarmless(user)) return false
    if (action !== null && !harmless.isHarmlessToken(action)) return false
    return targets.length === 0 || targets.every((target) => this.#isTargetHarmless(target))
  }

  #isUserHarmless({ provider, realm, email, id = '', name = '', tenant = '', on_behalf_of }: UserRecord) {
    const { isHarmlessToken } = this.#harmless
    if (on_behalf_of !== undefined) return false
    if (provider.length + realm.length + email.length + id.length + name.length + tenant.length === 0)
      return true
    return [provider, realm, email, id, name, tenant].every(isHarmlessToken)
  }

  #isTargetHarmless({ type, id = '' }: TargetRecord): boolean {
    return this.#harmless.isHarmlessToken(type) && this.#harmless.isHarmlessToken(id)
  }
}

const DURATION = '","duration_ms":'
const NO_TRACE = ',"trace_id":null'
const QUOTE = '"'
const END = '}'

/** The beginning of the line, to the quote before the URL. */
function writeStart(method: string): string {
  return `{"audit":{"http_request":{"method":${quoteText(method)},"url":"`
}

/** The end of the request, from the quote behind the URL to the name of the response. */
function writeAgent(userAgent: string): string {
  return `","user_agent":${quoteText(userAgent)}},"http_response":`
}

function writeAct(filter: FilterRecord | null, results: JsonValue, level: string, message: string): string {
  return (
    `,"filter":${filter === null ? 'null' : stringifyJson(filter)}` +
    `,"results":${results === null ? 'null' : stringifyJson(results)}` +
    `,"type":"${level}","message":${quoteText(message)},"time":"`
  )
}

/** The texts before the number of a record, and before its id, which ends in the number. */
function writeRun(run: string): { readonly beforeSeq: string; readonly beforeId: string } {
  return { beforeSeq: detachString(`,"run":"${run}","seq":`), beforeId: detachString(`,"id":"${run}-`) }
}

function writeTrace(id: string | null): string {
  return id === null ? NO_TRACE : `,"trace_id":${quoteText(id)}`
}

/** Hot path: most ids were created here, and need no escaping. */
function writeRequestId(id: string | null): string {
  if (id === null) return 'null'
  return isUuid(id) ? QUOTE + id + QUOTE : quoteText(id)
}

/** Whether a draft has a part that few records have, or one that has to be hidden elsewhere. */
function hasUnusualPart(draft: RecordDraft): boolean {
  return (
    draft.detail !== 'full' ||
    draft.secrets.length > 0 ||
    draft.error !== null ||
    draft.verdict !== null ||
    draft.notes.length > 0 ||
    draft.truncated.length > 0 ||
    draft.stage !== null ||
    draft.changes !== null ||
    draft.attributes !== null ||
    draft.request_body !== null ||
    draft.parent !== null ||
    draft.children > 0 ||
    draft.children_dropped > 0 ||
    draft.lost !== null ||
    draft.seal !== null ||
    // The message is composed of the action.
    (draft.action !== null && draft.message === '')
  )
}

const ANONYMOUS = ',"user":{"authenticated":false,"provider":"","realm":"","email":"","roles":null,"ip":'

function writeUser(user: UserRecord | null): string {
  return user?.authenticated === false && isAnonymous(user)
    ? ANONYMOUS + quoteText(user.ip) + END
    : `,"user":${user === null ? 'null' : stringifyJson(user)}`
}

function isAnonymous({ provider, realm, email, roles, id, name, type, tenant }: UserRecord): boolean {
  if (provider !== '' || realm !== '' || email !== '' || roles !== null) return false
  return id === undefined && name === undefined && type === undefined && tenant === undefined
}
