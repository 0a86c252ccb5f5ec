import { BoundedCache } from '../lib/bounded-cache.js'
import { callOption } from '../lib/call-option.js'
import { isRedactablePath, PathMatcher } from './path-matcher.js'
import { pseudonym } from './pseudonym.js'
import { redactText } from './redact-text.js'
import { createSensitiveKeys, type SensitiveKeys } from './sensitive-keys.js'

/** What is hidden, and how. */
export interface RedactOptions {
  /**
   * Further keys whose values are secret, in any spelling, at any depth.
   * @example ['bsn', 'medical_record']
   */
  readonly keys?: readonly string[] | undefined
  /**
   * Exact places, from the top of the record. Lists are passed through, `*` stands for any one name.
   * @example ['filter.kwargs.q', 'results.address.*']
   */
  readonly paths?: readonly string[] | undefined
  /**
   * Keys that are let through although they look secret.
   * @example ['csrfToken']
   */
  readonly allowKeys?: readonly string[] | undefined
  /**
   * What stands in place of a redacted value: a string, or a function that returns one. Where the function throws or
   * returns no string, `[REDACTED]` stands in.
   * @default '[REDACTED]'
   * @example (value, path) => `[${path}: ${String(value).length} characters]`
   */
  readonly replacement?: string | ((value: unknown, path: string) => string) | undefined
}

/** Values that are replaced by one that stands for them: the same person has the same pseudonym. */
export interface PseudonymizeOptions {
  /** At least 16 bytes. Whoever has it can look a person up; when it is forgotten, so is the person. */
  readonly key: string | Uint8Array
  /**
   * Which key this is, for when keys change.
   * @example '2026-11'
   */
  readonly keyId: string
  /**
   * Places, written as those of `redact.paths`.
   * @example ['user.email', 'user.ip', 'filter.kwargs.bsn']
   */
  readonly fields: readonly string[]
}

/** What the options say, thought through once. */
export interface Rules {
  /** `undefined` where nothing is secret by its name or shape. */
  readonly names: SensitiveKeys | undefined
  /** Where something is to be done whatever the names say; mostly nowhere, and then nothing is looked for. */
  readonly places: PathMatcher | undefined
  /** What stands instead of a secret. */
  hide(value: unknown, path: string): string
  /** The same, where it does not depend on what and where the secret is. */
  readonly replacement: string | undefined
  /** A text without its secrets, and without those of the URLs in it: the walk, which URLs need as well, is given this. */
  cleanText(text: string, names: SensitiveKeys, replacement: string): string
  /** What stands instead of a value that is pseudonymised. An empty one stands for nobody, and stays. */
  pseudonymize(value: PlainScalar | bigint): PlainScalar
}

export type PlainScalar = string | number | boolean | null
type PseudonymValue = string | number | bigint | boolean

export const REDACTED = '[REDACTED]'

/** Of how many values the pseudonym is remembered, and how long: who forgets a key must not have to stop the process. */
const MAX_REMEMBERED = 1000
const FORGET_AFTER_MS = 60_000

export function createRules(redact: RedactOptions | false = {}, pseudonymize?: PseudonymizeOptions): Rules {
  const { keys = [], paths = [], allowKeys = [], replacement = REDACTED } = redact === false ? {} : redact
  const remembered = rememberPseudonyms()
  const places = new PathMatcher({ redact: paths, pseudonymize: pseudonymize?.fields ?? [] })
  return {
    names: redact === false ? undefined : createSensitiveKeys({ keys, allowKeys }),
    places: places.isEmpty ? undefined : places,
    replacement: typeof replacement === 'function' ? undefined : replacement,
    hide:
      typeof replacement === 'function'
        ? (value, path) => replaceSafely(replacement, value, path)
        : () => replacement,
    cleanText: redactText,
    pseudonymize(value) {
      if (value === null || value === '') return value
      if (pseudonymize === undefined) return typeof value === 'bigint' ? String(value) : value
      return remembered(value, pseudonymize)
    },
  }
}

/** Pseudonyms of the last minute: the same few users come again and again, and an HMAC takes 8 µs. */
function rememberPseudonyms(): (value: PseudonymValue, { key, keyId }: PseudonymizeOptions) => string {
  let known = new BoundedCache<string>(MAX_REMEMBERED)
  let forgetAt = 0
  return (value, { key, keyId }) => {
    const now = performance.now()
    if (now >= forgetAt) {
      known = new BoundedCache(MAX_REMEMBERED)
      forgetAt = now + FORGET_AFTER_MS
    }
    const typed = `${typeof value}:${value}`
    const before = known.get(typed)
    if (before !== undefined) return before
    const made = pseudonym(value, key, keyId)
    known.set(typed, made)
    return made
  }
}

function replaceSafely(
  replace: (value: unknown, path: string) => string,
  value: unknown,
  path: string,
): string {
  try {
    const replaced = callOption(() => replace(value, path))
    return typeof replaced === 'string' ? replaced : REDACTED
  } catch {
    return REDACTED
  }
}

export function isRedactOptions(value: unknown): boolean {
  if (value === false) return true
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(([name, option]) => {
    if (option === undefined) return true
    if (name === 'replacement') return typeof option === 'function' || typeof option === 'string'
    if (name === 'paths') return isTextList(option) && option.every(isRedactablePath)
    return ['keys', 'allowKeys'].includes(name) && isTextList(option) && option.every(hasWord)
  })
}

export function isPseudonymizeOptions(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { key, keyId, fields, ...unknown } = value as Record<string, unknown>
  const isKey = typeof key === 'string' || key instanceof Uint8Array
  return (
    isKey &&
    Buffer.from(key as string).length >= 16 &&
    typeof keyId === 'string' &&
    /^[\w.-]{1,64}$/.test(keyId) &&
    isTextList(fields) &&
    fields.every(isRedactablePath) &&
    Object.keys(unknown).length === 0
  )
}

/** Names are compared by their words: one without any would be every name. */
function hasWord(name: string): boolean {
  return /[\p{L}\p{N}]/u.test(name)
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')
}
