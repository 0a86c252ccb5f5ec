// Which fields of a line are sealed, for each format, and where the line has its place in the tree.
import type { JsonValue } from '../serialize/json-value.js'
import { canonicalizeWithoutNull } from './canonical-json.js'
import { hashLeaf } from './merkle-tree.js'

type JsonObject = { [name: string]: JsonValue }

/** The place of an entry in the tree of its run, and the hash that the line itself states. */
export interface Integrity {
  readonly run: string
  readonly index: number
  /** SHA-256 in base64url: 43 characters. */
  readonly hash: string
}

/** A line as it is sealed. */
export interface SealedLine extends Integrity {
  /** The hash of the sealed fields as they are now. */
  readonly leaf: Buffer
  readonly fields: JsonObject
}

/**
 * The entry of the format `audit`: all of `audit` with the index and without the hash. `id` is run and number, and shippers move it
 * away.
 */
export function createAuditEntry(audit: JsonObject, index: number): string {
  const { id: _id, integrity: _integrity, ...fields } = audit
  return canonicalizeWithoutNull({ audit: { ...fields, integrity: { index } } })
}

/** Reads a line of the format `audit`. `undefined` if it is not sealed, or has no valid place. */
export function readAuditLine(audit: JsonObject): SealedLine | undefined {
  const { integrity, run } = audit
  if (!isJsonObject(integrity) || typeof run !== 'string') return undefined
  const { index, hash } = integrity
  if (!isIndex(index) || typeof hash !== 'string') return undefined
  const leaf = hashLeaf(Buffer.from(createAuditEntry(audit, index)))
  return { run, index, hash, leaf, fields: audit }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** More entries than a run can write. */
const MAX_INDEX = 2 ** 48

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < MAX_INDEX
}
