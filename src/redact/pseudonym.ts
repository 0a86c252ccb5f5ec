import { createHash, createHmac } from 'node:crypto'

/**
 * What stands for a value in records whose `pseudonymize` option has this key. For whoever may look a person up.
 * The type of the value takes part, so `42` and `'42'` have different pseudonyms.
 *
 * @param value what was replaced: a string, a number, a bigint or a boolean
 * @param key the key of the option
 * @param keyId its name; where it is left out, the first 8 hex digits of the key's SHA-256
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
  const typed = `${typeof value === 'bigint' ? 'number' : typeof value}:${value}`
  return `hmac-sha256:${keyId}:${createHmac('sha256', key).update(typed).digest('hex')}`
}

function fingerprint(key: string | Uint8Array): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8)
}
