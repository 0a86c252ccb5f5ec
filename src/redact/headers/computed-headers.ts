import type { SensitiveKeys } from '../keys/sensitive-keys.js'

/** Whether a value has the form that no secret has. */
type ValueCheck = (value: string) => boolean

/**
 * Headers that are computed from the body, so that nearly every response has another value. Hot path: loops, because they are faster
 * than patterns for texts this short.
 */
const COMPUTED_HEADERS: readonly (readonly [name: string, isHarmless: ValueCheck])[] = [
  ['content-length', isLength],
  ['etag', isHashOfBody],
]

/** The checks by the name of the header, without those that the options make sensitive. */
export function selectComputedHeaders(sensitiveKeys: SensitiveKeys): ReadonlyMap<string, ValueCheck> {
  return new Map(COMPUTED_HEADERS.filter(([name]) => !sensitiveKeys.isSensitive(name)))
}

/** Fewer digits than the number of a payment card has. */
const MAX_DIGITS = 12

function isLength(value: string): boolean {
  return value.length <= MAX_DIGITS && isDigits(value, 0, value.length)
}

/** Half of a SHA-1 in base64. */
const HASH_LENGTH = 27

/**
 * The ETag of Express: a length and half of a SHA-1 or, for a file, its size and time, in hexadecimal
 * (https://github.com/jshttp/etag).
 */
function isHashOfBody(value: string): boolean {
  const start = value.startsWith('W/') ? 2 : 0
  const end = value.length - 1
  if (value[start] !== '"' || value[end] !== '"') return false
  const hyphen = value.indexOf('-', start)
  const hashLength = end - hyphen - 1
  if (hyphen === -1 || !isHexadecimal(value, start + 1, hyphen)) return false
  return hashLength === HASH_LENGTH ? isBase64(value, hyphen + 1, end) : isHexadecimal(value, hyphen + 1, end)
}

const DIGIT = 1
const HEXADECIMAL = 2
const BASE64 = 4
/** The classes of a character, by its code. */
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  const digit = /\d/.test(character) ? DIGIT : 0
  const hexadecimal = /[\da-f]/.test(character) ? HEXADECIMAL : 0
  return digit | hexadecimal | (/[A-Za-z\d+/]/.test(character) ? BASE64 : 0)
})

function isDigits(text: string, start: number, end: number): boolean {
  return hasOnly(DIGIT, text, start, end)
}

function isHexadecimal(text: string, start: number, end: number): boolean {
  return end - start <= MAX_DIGITS && hasOnly(HEXADECIMAL, text, start, end)
}

function isBase64(text: string, start: number, end: number): boolean {
  return hasOnly(BASE64, text, start, end)
}

/** Whether a part of a text, which must not be empty, has only characters of a class. */
function hasOnly(characterClass: number, text: string, start: number, end: number): boolean {
  if (start >= end) return false
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index)
    if (code >= CLASSES.length || ((CLASSES[code] as number) & characterClass) === 0) return false
  }
  return true
}
