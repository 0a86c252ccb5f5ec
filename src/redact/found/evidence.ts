import type { AuditRecord } from '../../record/record.js'
import type { FoundSecret, TargetSource } from '../../record/record-draft.js'
import type { JsonValue } from '../../serialize/json-value.js'
import { decodeUrlText } from '../urls/decode-url.js'

/**
 * The texts that a record must show: who acted, from where, and on which object. A client may send them under a sensitive name
 * (`DELETE /orders/7f3a91c2?token=7f3a91c2`), so a found secret that equals one of them, or a part of one, is not hidden
 * elsewhere. It stays hidden under its own name.
 */
export class Evidence {
  readonly #identities: string
  readonly #segments: string
  /** The action, the types of its targets, and the ids that the handler stated: those that `audited()` finds may be secrets. */
  readonly #act: string
  /** A client may send any text as its user agent, so a secret within it is hidden. */
  readonly #userAgent: string

  /** @param record its parts were redacted before, each by itself */
  constructor(
    { user, request_id, http_request, action, target = [] }: AuditRecord,
    targetSource: TargetSource | 'none',
  ) {
    const identities: string[] = [request_id ?? '']
    collectTexts(user as unknown as JsonValue, identities)
    this.#identities = identities.join(SEPARATOR)
    this.#segments = readSegments(http_request?.url ?? '').join(SEPARATOR)
    const act: string[] = []
    if (targetSource !== 'none') act.push(action ?? '', ...target.map(({ type }) => type))
    if (targetSource === 'handler') act.push(...target.map(({ id = '' }) => id))
    this.#act = act.join(SEPARATOR)
    this.#userAgent = http_request?.user_agent ?? ''
  }

  /** @param text one of the forms of the secret */
  includes(text: string, { pseudonym, isPathSegment, isIssued }: FoundSecret): boolean {
    if (pseudonym !== undefined) return false
    if (this.#identities.includes(text) || text === this.#userAgent) return true
    if (isPathSegment === true) return false
    return this.#segments.includes(text) || (isIssued !== true && this.#act.includes(text))
  }
}

/** Between texts, so that no secret is found across two of them. */
const SEPARATOR = '\0'
const PATH = /^(?:[a-z][a-z0-9+.-]{0,30}:\/\/[^/?#]*)?([^?#]*)/i

/** The segments of a path, as they are and decoded, without their matrix parameters. */
function readSegments(url: string): string[] {
  const path = PATH.exec(url)?.[1] ?? ''
  const segments = path.split('/').map((segment) => segment.split(';', 1)[0] as string)
  return path.includes('%') ? [...segments, ...segments.map(decodeUrlText)] : segments
}

function collectTexts(value: JsonValue, texts: string[]): void {
  if (typeof value === 'string') texts.push(value)
  else if (typeof value === 'number') texts.push(String(value))
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) collectTexts(item, texts)
}
