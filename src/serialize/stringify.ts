/**
 * Characters that JSON allows as they are, but that readers of lines take for a line break or a control character: Python's
 * `splitlines()` breaks at U+0085, U+2028 and U+2029, Node's readline at U+2028 and U+2029, and terminals obey U+007F to
 * U+009F.
 */
const UNSAFE_BEYOND_ASCII = /[\u0080-\u009f\u2028\u2029]/
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g
const DELETE = '\u007f'

/**
 * `JSON.stringify`, with an escape for every character that could end a line or control a terminal. Parsing returns the
 * same value.
 *
 * @returns `undefined` for a value that JSON does not have
 * @example stringifyJson('a\u2028b')   // '"a\\u2028b"'
 */
export function stringifyJson(value: object | string | number | boolean | null): string
export function stringifyJson(value: unknown): string | undefined
export function stringifyJson(value: unknown): string | undefined {
  const json: string | undefined = JSON.stringify(value)
  return json !== undefined && isUnsafe(json) ? json.replace(UNSAFE, escapeCharacter) : json
}

/** Whether a code point is escaped here, though not by `JSON.stringify`. */
export function isEscapedBeyondJson(codePoint: number): boolean {
  return (codePoint >= 0x7f && codePoint <= 0x9f) || codePoint === 0x2028 || codePoint === 0x2029
}

/** Hot path: comparing lengths shows an ASCII text faster than a pattern, and most lines are ASCII. */
function isUnsafe(json: string): boolean {
  if (json.includes(DELETE)) return true
  return Buffer.byteLength(json) !== json.length && UNSAFE_BEYOND_ASCII.test(json)
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
