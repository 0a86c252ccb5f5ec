import { createHash, createHmac } from 'node:crypto'

/**
 * Computes the pseudonym that stands for a value in records whose `pseudonymize` option has this key. Use it to find the
 * records of a person. The type of the value takes part: `42` and `'42'` have different pseudonyms.
 *
 * @param value the value that was replaced
 * @param key the `key` of the option
 * @param keyId the `keyId` of the option
 * @default keyId - the first 8 hex digits of the SHA-256 of the key
 * @returns `hmac-sha256:<keyId>:<64 hex digits>`
 *
 * @example
 * pseudonym('a.b@example.org', process.env.AUDIT_KEY, '2026-11')
 */
export function pseudonym(
  value: string | number | bigint | boolean,
  key: string | Uint8Array,
  keyId = fingerprint(key),
): string {
  const typedValue = `${typeof value === 'bigint' ? 'number' : typeof value}:${value}`
  return `hmac-sha256:${keyId}:${createHmac('sha256', key).update(typedValue).digest('hex')}`
}

function fingerprint(key: string | Uint8Array): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8)
}
