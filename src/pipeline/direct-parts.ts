// The parts of a line that are written straight from the draft, and whether a draft can be written so at all.
import { ReceivedRequest } from '../http/received-request.js'
import { SentResponse } from '../http/response/sent-response.js'
import { BoundedCache, detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'
import { isUuid } from '../lib/uuid.js'
import type { RequestRecord, TargetRecord, UserRecord } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import type { HarmlessParts } from '../redact/harmless-parts.js'
import { quoteText } from '../serialize/quote-text.js'
import { HeaderBlocks, type MemberOrder } from './header-blocks.js'

/** Longer texts and header blocks are left to the general path, which cuts them before it redacts them. */
const MAX_TEXT_LENGTH = 2048
const MAX_BLOCK_LENGTH = 8192

/** A user agent in which nothing is redacted, and its part of the line: see {@link writeAgent}. */
interface RememberedAgent {
  readonly text: string
  readonly json: string
}

export class DirectParts {
  readonly #harmless: HarmlessParts
  readonly #blocks: HeaderBlocks
  /** What precedes the request. */
  readonly #before: string
  #lastRoute = { route: '', json: '' }
  /** The beginnings of requests by method: see {@link DirectParts.#writeStart}. */
  readonly #starts = new BoundedCache<string>(50)
  readonly #agents = new BoundedCache<RememberedAgent>(200)
  /** Hot path: an application may be called by one client only, and comparing is faster than looking up. */
  #lastAgent: RememberedAgent = { text: '', json: writeAgent('') }

  constructor(harmless: HarmlessParts, before: string, order: MemberOrder) {
    this.#harmless = harmless
    this.#before = before
    this.#blocks = new HeaderBlocks(harmless, order)
  }

  /** The request and the response; `undefined` if the draft needs the general path. */
  writeExchange(draft: RecordDraft): string | undefined {
    if (hasUnusualPart(draft)) return undefined
    const request = this.#writeRequest(draft.http_request)
    if (request === undefined) return undefined
    const response = this.#writeResponse(draft.http_response)
    if (response === undefined || !this.#areTextsHarmless(draft)) return undefined
    return request + response
  }

  /** `,"route":"..."` */
  writeRoute(route: string): string {
    return route === this.#lastRoute.route ? this.#lastRoute.json : this.#writeNewRoute(route)
  }

  #writeNewRoute(route: string): string {
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
    const start = detachString(this.#writeStart(method))
    this.#starts.set(method, start)
    return start
  }

  #writeUrl({ method, url }: RequestRecord): string | undefined {
    if (url.length > MAX_TEXT_LENGTH || method.length > MAX_TEXT_LENGTH) return undefined
    return this.#harmless.isHarmlessUrl(url)
      ? this.#writeStart(method) + quoteText(url).slice(1, -1)
      : undefined
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

  /** From the beginning to the quote before the URL. */
  #writeStart(method: string): string {
    return `${this.#before}"http_request":{"method":${quoteText(method)},"url":"`
  }
}

/** The end of the request, from the quote behind the URL to the name of the response. */
function writeAgent(userAgent: string): string {
  return `","user_agent":${quoteText(userAgent)}},"http_response":`
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

/** Hot path: most ids were created here, and need no escaping. */
export function writeRequestId(id: string | null): string {
  if (id === null) return 'null'
  return isUuid(id) ? `"${id}"` : quoteText(id)
}

/** Whether nothing is known of a user but the address. */
export function isAnonymous({ provider, realm, email, roles, id, name, type, tenant }: UserRecord): boolean {
  if (provider !== '' || realm !== '' || email !== '' || roles !== null) return false
  return id === undefined && name === undefined && type === undefined && tenant === undefined
}
