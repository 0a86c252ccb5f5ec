import { HASH_BYTES } from '../evidence/merkle-tree.js'

export function encodeHashes(hashes: readonly Buffer[]): string[] {
  return hashes.map((hash) => hash.toString('base64'))
}

/** `undefined` unless it is a list of hashes: it comes from a file. */
export function decodeHashes(texts: unknown): Buffer[] | undefined {
  if (!Array.isArray(texts)) return undefined
  const hashes = texts.map((text) => (typeof text === 'string' ? Buffer.from(text, 'base64') : undefined))
  return hashes.every((hash) => hash?.length === HASH_BYTES) ? (hashes as Buffer[]) : undefined
}
