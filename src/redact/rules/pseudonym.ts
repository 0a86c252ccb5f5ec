import { createHmac } from 'node:crypto'
import { AuditLogError } from '../../lib/errors.js'
import { describeValue } from '../../lib/inspect.js'
import type { Check } from '../../lib/validate.js'

/** A value with a pseudonym. */
export type PseudonymValue = string | number | bigint | boolean

export const checkPseudonymKey: Check = {
  expected: 'a text or Uint8Array of at least 16 bytes',
  accepts: (value) =>
    (typeof value === 'string' || value instanceof Uint8Array) && Buffer.from(value).length >= 16,
  isSecret: true,
  isRequired: true,
}

export const checkKeyId: Check = {
  expected: '1 to 64 letters, digits, `.`, `_` and `-`',
  accepts: (value) => typeof value === 'string' && /^[\w.-]{1,64}$/.test(value),
  // A user may swap `key` and `keyId`.
  isSecret: true,
  isRequired: true,
}

/**
 * Computes the pseudonym that stands for a value in records whose `pseudonymize` option has this key. Use it to find the
 * records of a person. The type of the value takes part: `42` and `'42'` have different pseudonyms.
 *
 * @param value the value that was replaced; an empty text has no pseudonym
 * @param key the `key` of the option
 * @param keyId the `keyId` of the option
 * @returns `hmac-sha256:<keyId>:<64 hex digits>`
 * @throws AuditLogError `ERR_AUDIT_OPTIONS` if an argument is missing or wrong
 *
 * @example
 * pseudonym('a.b@example.org', process.env.AUDIT_KEY, '2026-11')
 */
export function pseudonym(value: PseudonymValue, key: string | Uint8Array, keyId: string): string {
  if (!hasPseudonym(value)) {
    fail('value', 'a text that is not empty, a finite number, a bigint or a boolean', describeValue(value))
  }
  if (!checkPseudonymKey.accepts(key)) fail('key', checkPseudonymKey.expected, describeSecret(key))
  if (!checkKeyId.accepts(keyId)) fail('keyId', checkKeyId.expected, describeSecret(keyId))
  return computePseudonym(value, key, keyId)
}

/** {@link pseudonym} for arguments that were checked. */
export function computePseudonym(value: PseudonymValue, key: string | Uint8Array, keyId: string): string {
  const typedValue = `${typeof value === 'bigint' ? 'number' : typeof value}:${value}`
  return `hmac-sha256:${keyId}:${createHmac('sha256', key).update(typedValue).digest('hex')}`
}

function hasPseudonym(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return (
    (typeof value === 'string' && value !== '') || typeof value === 'bigint' || typeof value === 'boolean'
  )
}

function describeSecret(value: unknown): string {
  return value === undefined ? 'undefined' : 'something else (not shown, because it may contain a key)'
}

function fail(name: string, expected: string, got: string): never {
  throw new AuditLogError(
    'ERR_AUDIT_OPTIONS',
    `Expected the argument \`${name}\` of pseudonym() to be ${expected}, got ${got}`,
  )
}
