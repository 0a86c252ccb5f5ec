import { stringifyJson } from './stringify.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const FIRST_PRINTABLE = 0x20
const LAST_PRINTABLE = 0x7e
/** `stringifyJson` is faster for longer texts. */
const MAX_LENGTH = 200

/**
 * The same as `stringifyJson(text)`. Hot path: most texts are short ASCII without backslashes, and for them a loop is faster than a
 * pattern.
 *
 * @example quoteText('a "b"')   // '"a \\"b\\""'
 */
export function quoteText(text: string): string {
  if (text.length > MAX_LENGTH) return stringifyJson(text)
  let json = '"'
  let start = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < FIRST_PRINTABLE || code > LAST_PRINTABLE || code === BACKSLASH) return stringifyJson(text)
    if (code !== QUOTE) continue
    json += `${text.slice(start, index)}\\"`
    start = index + 1
  }
  return start === 0 ? `"${text}"` : `${json}${text.slice(start)}"`
}
