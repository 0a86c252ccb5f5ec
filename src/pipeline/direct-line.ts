// The line of a usual exchange, written straight from the draft. The general path (pipeline.ts) copies a draft to a record, redacts
// and formats it, and writes the result: far more than is needed where nothing has to be redacted, shortened or renamed.

import { formatAudit } from '../formats/audit.js'
import { SentResponse } from '../http/response/sent-response.js'
import { BoundedCache, detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'
import { isUuid } from '../lib/uuid.js'
import type { ResolvedLoggerOptions, ResponseHeaders } from '../options/resolve.js'
import { fitsBytes } from '../record/fit-record.js'
import { describeOutcome, findLevel } from '../record/outcome.js'
import type { RequestRecord, TargetRecord, UserRecord } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import type { SequenceNumber } from '../record/sequence.js'
import type { HarmlessParts } from '../redact/harmless-parts.js'
import { quoteText } from '../serialize/quote-text.js'
import { stringifyJson } from '../serialize/stringify.js'
import { HeaderMembers } from './header-members.js'
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

  function render(draft: RecordDraft, { run, seq }: SequenceNumber): string | undefined {
    const content = parts.write(draft)
    if (content === undefined) return undefined
    const identity = `,"run":"${run}","seq":${seq},"id":"${run}-${seq}"${writeOptionalParts(draft)}`
    const line = `{"audit":{${content}${identity}${end}`
    return fitsBytes(line, maxRecordBytes) ? line : undefined
  }

  return (draft, sequence) => {
    try {
      return render(draft, sequence)
    } catch {
      // The general path reports it.
      return undefined
    }
  }
}

/** Parts that most records do not have, and that stand behind the others. */
function writeOptionalParts({ span_id, route, action, targets }: RecordDraft): string {
  let parts = span_id === null ? '' : `,"span_id":${quoteText(span_id)}`
  if (route !== null) parts += `,"route":${quoteText(route)}`
  if (action !== null) parts += `,"action":${quoteText(action)}`
  if (targets.length > 0) parts += `,"target":${stringifyJson(targets)}`
  return parts
}

class DirectParts {
  readonly #harmless: HarmlessParts
  readonly #headers: HeaderMembers
  /** Hot path: nearly all responses of an application have one of a few status lines. */
  #statusLine = { text: '', json: '' }
  /** The user agents in which nothing is redacted, as JSON. */
  readonly #agents = new BoundedCache<string>(200)
  /** Hot path: an application may be called by one client only, and comparing is faster than looking up. */
  #lastAgent = { text: '', json: '""' }

  constructor(harmless: HarmlessParts) {
    this.#harmless = harmless
    this.#headers = new HeaderMembers(harmless)
  }

  write(draft: RecordDraft): string | undefined {
    if (hasUnusualPart(draft)) return undefined
    const request = this.#writeRequest(draft.http_request)
    if (request === undefined) return undefined
    const response = this.#writeResponse(draft.http_response)
    if (response === undefined || !this.#areTextsHarmless(draft)) return undefined
    const { duration_ms, ended, filter, message, request_id, results, time, trace_id } = draft
    return (
      `"http_request":${request},"http_response":${response},"user":${writeUser(draft.user)}` +
      `,"filter":${filter === null ? 'null' : stringifyJson(filter)}` +
      `,"results":${results === null ? 'null' : stringifyJson(results)}` +
      `,"type":"${findLevel(draft, false)}","message":${message === '' ? '""' : quoteText(message)}` +
      `,"time":"${time}","duration_ms":${Number.isFinite(duration_ms) ? duration_ms : 'null'},"outcome":"${describeOutcome(draft)}"` +
      `,"ended":${ended === null ? 'null' : `"${ended}"`}` +
      `,"request_id":${request_id === null ? 'null' : quoteText(request_id)}` +
      `,"trace_id":${trace_id === null ? 'null' : quoteText(trace_id)}`
    )
  }

  #writeRequest(request: RequestRecord | null): string | undefined {
    if (request === null) return undefined
    const { method, url, user_agent } = request
    if (url.length > MAX_TEXT_LENGTH || method.length > MAX_TEXT_LENGTH) return undefined
    const agent =
      user_agent === this.#lastAgent.text ? this.#lastAgent.json : this.#writeUserAgent(user_agent)
    if (agent === undefined || !this.#harmless.isHarmlessUrl(url)) return undefined
    return `{"method":${quoteText(method)},"url":${quoteText(url)},"user_agent":${agent}}`
  }

  #writeUserAgent(userAgent: string): string | undefined {
    const known = this.#agents.get(userAgent)
    if (known === undefined) {
      if (userAgent.length > MAX_TEXT_LENGTH || !this.#harmless.isHarmlessToken(userAgent)) return undefined
      this.#agents.set(userAgent, quoteText(userAgent))
    }
    const json = known ?? quoteText(userAgent)
    if (userAgent.length <= MAX_CACHED_LENGTH) this.#lastAgent = { text: userAgent, json }
    return json
  }

  #writeResponse(response: RecordDraft['http_response']): string | undefined {
    if (!(response instanceof SentResponse)) return undefined
    const { block, omitsPolicies } = response
    if (block.length > MAX_BLOCK_LENGTH) return undefined
    const endOfStatusLine = block.indexOf('\r\n')
    const members = this.#headers.write(block, endOfStatusLine + 2, omitsPolicies)
    if (members === undefined) return undefined
    return `${this.#writeStatus(response, block.slice(0, endOfStatusLine))},"headers":{${members}}}`
  }

  #writeStatus({ status_code }: SentResponse, statusLine: string): string {
    if (statusLine === this.#statusLine.text) return this.#statusLine.json
    const json = `{"status_code":${status_code},"reason":${quoteText(statusLine.slice(13))}`
    this.#statusLine = { text: detachString(statusLine), json: detachString(json) }
    return json
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
    // The message is composed of the action.
    (draft.action !== null && draft.message === '')
  )
}

const ANONYMOUS = '{"authenticated":false,"provider":"","realm":"","email":"","roles":null,"ip":'

function writeUser(user: UserRecord | null): string {
  if (user === null) return 'null'
  return user.authenticated === false && isAnonymous(user)
    ? `${ANONYMOUS}${quoteText(user.ip)}}`
    : stringifyJson(user)
}

function isAnonymous({ provider, realm, email, roles, id, name, type, tenant }: UserRecord): boolean {
  if (provider !== '' || realm !== '' || email !== '' || roles !== null) return false
  return id === undefined && name === undefined && type === undefined && tenant === undefined
}
