// Remembers the values that redaction has replaced, so that hide-secrets.ts can hide them wherever else they stand in the
// record: `?code=S` is a secret in the URL, and the same `S` in a message or a result is one too.
import { readSafely } from '../../lib/safe-read.js'
import { type FoundSecret, NO_SECRETS } from '../../record/record-draft.js'
import { TRUNCATION_MARK } from '../../serialize/truncate.js'
import { decodeUrlText } from '../urls/decode-url.js'

/**
 * Bounds memory and time, because clients choose how many secrets they send. Of each part of a record, so that the secrets
 * of one part do not take the room of another.
 */
const MAX_SECRETS = 256
/** The limit for the parts that the application sets, because it may set them many times. */
export const MAX_SECRETS_OF_DRAFT = 2 * MAX_SECRETS
/** Only the beginning of a longer value is remembered. */
export const MAX_VALUE_LENGTH = 4096
/** How much of a hidden list or object is read. */
const MAX_DEPTH = 4
const MAX_ENTRIES = 32

/** Collects the secrets of one part of a record. */
export class SecretCollector {
  #secrets: FoundSecret[] | undefined
  #known: Set<string> | undefined
  readonly #isIssued: boolean

  /** @param isIssued whether the part is one of the application, not of the client */
  constructor(isIssued = false) {
    this.#isIssued = isIssued
  }

  get secrets(): readonly FoundSecret[] {
    return this.#secrets ?? NO_SECRETS
  }

  /** Takes a part of a text. */
  addText(value: string, name = ''): void {
    if (value === '') return
    for (const form of readForms(value)) {
      this.#add({ value: form, name })
      for (const part of splitCredentials(form))
        for (const read of readForms(part)) this.#add({ value: read, name })
    }
  }

  /** Takes the value of a key: a text, a number, or a list or an object that was replaced as a whole. */
  addValue(value: unknown, name: string): void {
    this.#addValue(value, name, 0)
  }

  /** @param pseudonym stands in place of the value wherever else it is */
  addPseudonym(value: unknown, name: string, pseudonym: unknown): void {
    if (typeof value === 'boolean' || typeof pseudonym !== 'string' || value === pseudonym) return
    this.#add({ value: String(value), name, pseudonym })
  }

  /** Takes the value of a route parameter, which is a part of the path. */
  addPathSegment(value: string, name: string, pseudonym?: string): void {
    if (value === '') return
    const secret = { value, name, isPathSegment: true } as const
    this.#add(pseudonym === undefined ? secret : { ...secret, pseudonym })
  }

  #addValue(value: unknown, name: string, depth: number): void {
    if (typeof value === 'string') this.addText(value, name)
    else if (typeof value === 'number' || typeof value === 'bigint') this.#add({ value: String(value), name })
    else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH)
      this.#addEntries(value, name, depth)
  }

  /** The value belongs to the application: getters and proxies may throw. */
  #addEntries(object: object, name: string, depth: number): void {
    const keys = readSafely(() => Object.keys(object)) ?? []
    for (const key of keys.slice(0, MAX_ENTRIES)) {
      const value = readSafely(() => (object as Record<string, unknown>)[key])
      if (Array.isArray(object)) this.#addValue(value, name, depth + 1)
      // In `password: { type: 'string', minimum: 8 }` the keys and the numbers are no secrets in any other object.
      else if (typeof value !== 'number') this.#addValue(value, '', depth + 1)
    }
  }

  #add(secret: FoundSecret): void {
    const { value, name, isPathSegment } = secret
    const identity = `${isPathSegment === true}:${name}:${value.slice(0, MAX_VALUE_LENGTH)}`
    this.#secrets ??= []
    this.#known ??= new Set()
    if (this.#secrets.length >= MAX_SECRETS || this.#known.has(identity)) return
    this.#known.add(identity)
    const shortened = shorten(secret)
    this.#secrets.push(this.#isIssued ? { ...shortened, isIssued: true } : shortened)
  }
}

/** A value from a text that was truncated ends with the mark, and the rest of it is not known. */
function shorten(secret: FoundSecret): FoundSecret {
  const { value } = secret
  const mark = TRUNCATION_MARK.exec(value.slice(-MAX_MARK_LENGTH))?.[0].length ?? 0
  const length = Math.min(value.length - mark, MAX_VALUE_LENGTH)
  return length === value.length ? secret : { ...secret, value: value.slice(0, length), isBeginning: true }
}

const MAX_MARK_LENGTH = 80

/** A value in quotes, also as Python writes bytes. */
const QUOTED = /^[bru]{0,2}(["'])(.*)\1$/is

/** The value as it is, without quotes, and without the escapes of URLs and JSON. */
function readForms(value: string): readonly string[] {
  const content = QUOTED.exec(value)?.[2] ?? value
  const decoded = content.includes('%') ? [decodeUrlText(content)] : []
  const unescaped = content.includes('\\') ? [readSafely(() => JSON.parse(`"${content}"`) as string)] : []
  return [content, ...decoded, ...unescaped].filter((form) => form !== undefined && form !== '') as string[]
}

/** The schemes of the `Authorization` header whose credentials are one text. */
const SCHEME_AND_CREDENTIALS = /^(basic|bearer|token|bot|apikey|api-key|negotiate|dpop|jwt)[ \t]{1,10}(\S+)$/i
const PASSWORD_OF_BASIC = /^[^:]{1,200}:(.+)$/s
const PASSWORD_IN_URL = /\/\/[^/?#@\s:]{0,200}:([^/?#@\s]{1,200})@/
/** The id in a signed cookie of Express: `s:<id>.<signature>`. */
const SIGNED_COOKIE = /^s(?::|%3A)([^.]{1,200})\./i
const MAX_COOKIES = 32

/**
 * The secrets within a value that was hidden as a whole: the credentials behind `Bearer`, the password in Basic credentials
 * and in a connection string, and the values of cookies.
 */
function splitCredentials(value: string): string[] {
  if (value.length > MAX_VALUE_LENGTH) return []
  const [, scheme = '', credentials] = SCHEME_AND_CREDENTIALS.exec(value) ?? []
  if (credentials !== undefined) {
    if (scheme.toLowerCase() !== 'basic') return [credentials]
    const decoded = Buffer.from(credentials, 'base64').toString()
    return [credentials, decoded, ...matchGroup(PASSWORD_OF_BASIC, decoded)]
  }
  const passwords = [...matchGroup(PASSWORD_IN_URL, value), ...matchGroup(SIGNED_COOKIE, value)]
  return value.includes('=') && value.includes(';') ? [...passwords, ...splitCookies(value)] : passwords
}

function matchGroup(pattern: RegExp, value: string): string[] {
  const [, group] = pattern.exec(value) ?? []
  return group === undefined ? [] : [group]
}

function splitCookies(value: string): string[] {
  return value
    .split(';', MAX_COOKIES)
    .map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
    .filter((cookie) => cookie !== '')
}
