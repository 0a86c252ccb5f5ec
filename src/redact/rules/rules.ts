// The options `redact` and `pseudonymize`: their types, their checks, and the rules that are compiled from them once.
import { BoundedCache } from '../../lib/bounded-cache.js'
import { type Check, type Checks, checkArray, isPlainObject } from '../../lib/validate.js'
import { createSensitiveKeys, type SensitiveKeys } from '../keys/sensitive-keys.js'
import { PathMatcher } from './path-matcher.js'
import { checkKeyId, checkPseudonymKey, computePseudonym, type PseudonymValue } from './pseudonym.js'
import { checkPaths } from './record-paths.js'
import { createReplacement, REDACTED, type Replacement } from './replacement.js'

/** Selects the values that are redacted, and their replacement. */
export interface RedactOptions {
  /**
   * Further sensitive keys, in any spelling, at any depth.
   * @default []
   * @example ['bsn', 'medical_record']
   */
  readonly keys?: readonly string[] | undefined
  /**
   * Values to redact by their path from the top of the record. Items of a list have the path of the list, and `*`
   * matches any one key.
   * @default []
   * @example ['filter.kwargs.q', 'results.address.*']
   */
  readonly paths?: readonly string[] | undefined
  /**
   * Keys that are sensitive by default and shall not be, in any spelling.
   * @default []
   * @example ['csrfToken']
   */
  readonly allowKeys?: readonly string[] | undefined
  /**
   * Stands in place of a redacted value: a string of 1 to 64 characters without spaces and separators, or a function
   * that returns a string. The function gets the value and its path. For a part of a URL, a header or a text it gets
   * `undefined` and the path of the whole (for a part of a header, the name of the header). If it throws, or returns
   * anything but a string, the value becomes `[REDACTED]`. The path contains keys as they were received, so a
   * replacement with the path in it may show a secret that stands in a key.
   * @default '[REDACTED]'
   * @example '***'
   */
  readonly replacement?: string | ((value: unknown, path: string) => string) | undefined
}

/** Selects the values that are replaced by a pseudonym. Equal values have equal pseudonyms. */
export interface PseudonymizeOptions {
  /**
   * Key of the HMAC, at least 16 bytes. Anyone who has the key can find the records of a person; without the key, the
   * pseudonyms identify no one.
   */
  readonly key: string | Uint8Array
  /**
   * Name of the key, 1 to 64 letters, digits, `_`, `.` or `-`. Part of each pseudonym, so that keys can be replaced.
   * @example '2026-11'
   */
  readonly keyId: string
  /**
   * Values to pseudonymize by their path, written as in `redact.paths`.
   * @example ['user.email', 'user.ip', 'filter.kwargs.bsn']
   */
  readonly fields: readonly string[]
}

/** The options, compiled once. */
export interface Rules {
  /** `undefined` with `redact: false`. */
  readonly sensitiveKeys: SensitiveKeys | undefined
  /** `undefined` if the options have no paths. */
  readonly paths: PathMatcher | undefined
  readonly replacement: Replacement
  /** Returns `value` itself without the option `pseudonymize`, and for an empty text, which identifies no person. */
  pseudonymize(value: PseudonymValue): string | number | boolean
}

/** Bounds how many personal values are in memory for their pseudonyms, and for how long after a request. */
const MAX_CACHED_PSEUDONYMS = 1000
const CACHE_LIFETIME_MS = 60_000

/** Compiles options that `checkRedact` and `checkPseudonymize` accept. */
export function createRules(redact: RedactOptions | false = {}, pseudonymize?: PseudonymizeOptions): Rules {
  const { keys = [], paths = [], allowKeys = [], replacement = REDACTED } = redact === false ? {} : redact
  const cachedPseudonym = cachePseudonyms()
  const matcher = new PathMatcher({ redact: paths, pseudonymize: pseudonymize?.fields ?? [] })
  return {
    sensitiveKeys: redact === false ? undefined : createSensitiveKeys({ keys, allowKeys }),
    paths: matcher.isEmpty ? undefined : matcher,
    replacement: createReplacement(replacement),
    pseudonymize(value) {
      if (value === '') return value
      if (pseudonymize === undefined) return typeof value === 'bigint' ? String(value) : value
      return cachedPseudonym(value, pseudonymize)
    },
  }
}

/** Hot path: the same few users make most requests, and an HMAC costs more than the rest of a record's redaction. */
function cachePseudonyms(): (value: PseudonymValue, { key, keyId }: PseudonymizeOptions) => string {
  let cache = new BoundedCache<string>(MAX_CACHED_PSEUDONYMS)
  let expiresAt = 0
  return (value, { key, keyId }) => {
    const now = performance.now()
    if (now >= expiresAt) {
      cache = new BoundedCache(MAX_CACHED_PSEUDONYMS)
      expiresAt = now + CACHE_LIFETIME_MS
    }
    const typedValue = `${typeof value}:${value}`
    const cached = cache.get(typedValue)
    if (cached !== undefined) return cached
    const computed = computePseudonym(value, key, keyId)
    cache.set(typedValue, computed)
    return computed
  }
}

/** With any other character, the replacement could look like a secret or a separator to the detectors that run later. */
const SAFE_REPLACEMENT = /^[^\s\p{Cc}\p{Surrogate}&;,=:"'<>\\/?#@%$]{1,64}$/u

const checkKeys = checkArray({
  expected: 'a key with a letter or digit',
  accepts: (value) => typeof value === 'string' && hasLetterOrDigit(value),
})

export const checkRedact: Check = {
  expected: 'false or an object with keys, paths, allowKeys and replacement',
  accepts: (value) => value === false || isPlainObject(value),
  properties: {
    keys: checkKeys,
    paths: checkPaths,
    allowKeys: checkKeys,
    replacement: {
      expected:
        'a function that returns a string, or a string of 1 to 64 characters without spaces and any of & ; , = : " \' < > \\ / ? # @ % $, such as `***`',
      accepts: (value) =>
        typeof value === 'function' || (typeof value === 'string' && SAFE_REPLACEMENT.test(value)),
    },
  } satisfies Checks<RedactOptions>,
}

export const checkPseudonymize: Check = {
  expected:
    'an object with a key of at least 16 bytes, a keyId of letters, digits, `.`, `_` and `-`, and fields',
  accepts: isPlainObject,
  isSecret: true,
  properties: {
    key: checkPseudonymKey,
    keyId: checkKeyId,
    fields: { ...checkPaths, isRequired: true },
  } satisfies Checks<PseudonymizeOptions>,
}

/** Keys are compared by their letters and digits. A key without any would match every key. */
function hasLetterOrDigit(key: string): boolean {
  return /[\p{L}\p{N}]/u.test(key)
}
