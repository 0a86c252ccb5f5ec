// The template of a usual exchange in a sealed log (src/evidence/sealed-line.ts), written straight from the draft: its members in the
// order of their names, once for the line and once for the entry, which lacks what is `null`, the id, and the hash.
import type { LineTemplate } from '../evidence/sealed-line.js'
import { detachString, memoizeLast } from '../lib/bounded-cache.js'
import { fitsBytes } from '../record/fit-record.js'
import { describeOutcome, findLevel } from '../record/outcome.js'
import type { TargetRecord, UserRecord } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import type { SequenceNumber } from '../record/sequence.js'
import type { HarmlessParts } from '../redact/harmless-parts.js'
import type { JsonValue } from '../serialize/json-value.js'
import { quoteText } from '../serialize/quote-text.js'
import { DirectParts, isAnonymous, writeRequestId } from './direct-parts.js'
import type { Origin } from './origin.js'
import { SEAL_BYTES } from './render-line.js'

export class SealedDirectLine {
  readonly #parts: DirectParts
  readonly #maxBytes: number
  readonly #host: string
  readonly #service: string
  readonly #writeRun = memoizeLast((run: string) => ({
    id: detachString(`"id":"${run}-`),
    run: detachString(`"run":"${run}","seq":`),
  }))

  constructor(harmless: HarmlessParts, { host, service }: Origin, maxRecordBytes: number) {
    this.#parts = new DirectParts(harmless, '', 'sorted')
    this.#maxBytes = maxRecordBytes - SEAL_BYTES
    this.#host = host === undefined ? '' : `"host":${stringifySorted(host)},`
    this.#service = service === undefined ? '' : `"service":${stringifySorted(service)},`
  }

  write(draft: RecordDraft, sequence: SequenceNumber): LineTemplate | undefined {
    const { user, request_id, ended, duration_ms } = draft
    // The general path canonicalizes what may have any form.
    if (draft.filter !== null || draft.results !== null || user === null) return undefined
    if (request_id === null || ended === null || !Number.isFinite(duration_ms) || !hasPlainRoles(user))
      return undefined
    const exchange = this.#parts.writeExchange(draft)
    if (exchange === undefined) return undefined
    const { id, run } = this.#writeRun(sequence.run)
    const seq = String(sequence.seq)
    const { action, trace_id } = draft
    const start = `{"audit":{${action === null ? '' : `"action":${quoteText(action)},`}"duration_ms":${duration_ms},"ended":"${ended}",`
    const texts = `},"message":${quoteText(draft.message)},"outcome":"${describeOutcome(draft)}","request_id":${writeRequestId(request_id)},`
    const identity = this.#writeIdentity(draft, run + seq)
    const trace = trace_id === null ? '' : `"trace_id":${quoteText(trace_id)},`
    const account = writeUserStart(user, findLevel(draft, false))
    // The entry has no escape for what lines escape beyond JSON, and lone surrogates are replaced in both.
    if ([start, exchange, texts, identity, account].some(hasEscape)) return undefined
    const roles = writeRoles(user.roles as readonly string[] | null)
    const rest = writeUserEnd(user)
    const lineStart = `${start}"filter":null,${this.#host}${exchange},${id}${seq}","integrity":{"hash":"`
    const lineEnd = `${texts}"results":null,${identity}${trace === '' ? NO_TRACE : trace}${account}${roles === '' ? NO_ROLES : roles}${rest}\n`
    if (!fitsBytes(lineStart + lineEnd, this.#maxBytes)) return undefined
    return {
      lineStart,
      lineMiddle: '","index":',
      lineEnd,
      isHashFirst: true,
      entryStart: `\u0000${start}${this.#host}${exchange},"integrity":{"index":`,
      entryEnd: `${texts}${identity}${trace}${account}${roles}${rest}`,
    }
  }

  /** From the route to the time. */
  #writeIdentity({ route, span_id, targets, time }: RecordDraft, runAndSeq: string): string {
    // The text of the route begins with a comma.
    const pattern = route === null ? '' : `${this.#parts.writeRoute(route).slice(1)},`
    const span = span_id === null ? '' : `"span_id":${quoteText(span_id)},`
    const target = targets.length === 0 ? '' : `"target":[${targets.map(writeTarget).join(',')}],`
    return `${pattern}${runAndSeq},${this.#service}${span}${target}"time":"${time}",`
  }
}

const NO_TRACE = '"trace_id":null,'
const NO_ROLES = ',"roles":null'

function hasEscape(json: string): boolean {
  return json.includes('\\u')
}

/** The members of these objects are texts. */
function stringifySorted(object: object): string {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  entries.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${entries.map(([name, text]) => `"${name}":${quoteText(text as string)}`).join(',')}}`
}

function writeTarget({ type, id }: TargetRecord): string {
  return id === undefined
    ? `{"type":${quoteText(type)}}`
    : `{"id":${quoteText(id)},"type":${quoteText(type)}}`
}

/** From the level to the realm of the user. */
function writeUserStart(user: UserRecord, level: string): string {
  const { authenticated, email, id, ip, name, provider, realm } = user
  // Hot path: of most users nothing else is known.
  if (authenticated === false && isAnonymous(user))
    return `"type":"${level}","user":{"authenticated":false,"email":"","ip":${quoteText(ip)},"provider":"","realm":""`
  const who = id === undefined ? '' : `"id":${quoteText(id)},`
  const display = name === undefined ? '' : `"name":${quoteText(name)},`
  return (
    `"type":"${level}","user":{"authenticated":${authenticated},"email":${quoteText(email)},${who}"ip":${quoteText(ip)},` +
    `${display}"provider":${quoteText(provider)},"realm":${quoteText(realm)}`
  )
}

function writeUserEnd({ tenant, type }: UserRecord): string {
  return `${tenant === undefined ? '' : `,"tenant":${quoteText(tenant)}`}${type === undefined ? '' : `,"type":"${type}"`}}}}`
}

function writeRoles(roles: readonly string[] | null): string {
  return roles === null ? '' : `,"roles":[${roles.map(quoteText).join(',')}]`
}

/** Whether the roles are unknown or names, and nothing else of the user is `null`. */
function hasPlainRoles({ authenticated, roles }: UserRecord): boolean {
  return authenticated !== null && (roles === null || (Array.isArray(roles) && roles.every(isText)))
}

function isText(value: JsonValue): boolean {
  return typeof value === 'string'
}
