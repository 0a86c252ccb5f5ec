import type { SensitiveKeys } from '../keys/sensitive-keys.js'

/** Headers that are computed from the body, so that nearly every response has another value, and the form that no secret has. */
const COMPUTED_HEADERS: readonly (readonly [name: string, harmless: RegExp])[] = [
  // Fewer digits than the number of a payment card has.
  ['content-length', /^\d{1,12}$/],
  // That of Express: a length and half of a SHA-1 in base64 or, for a file, its size and time, in hexadecimal
  // (https://github.com/jshttp/etag).
  ['etag', /^(?:W\/)?"[\da-f]{1,12}-(?:[A-Za-z\d+/]{27}|[\da-f]{1,12})"$/],
]

/** The harmless forms by the name of the header, without those that the options make sensitive. */
export function selectComputedHeaders(sensitiveKeys: SensitiveKeys): ReadonlyMap<string, RegExp> {
  return new Map(COMPUTED_HEADERS.filter(([name]) => !sensitiveKeys.isSensitive(name)))
}
