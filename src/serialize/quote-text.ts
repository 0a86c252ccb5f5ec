import { stringifyJson } from './stringify.js'

/** Printable ASCII without the characters that JSON escapes. */
export const PLAIN_TEXT = /^[ !#-[\]-~]*$/

/**
 * The same as `stringifyJson(text)`. Hot path: most texts are plain. A pattern, because a loop with `charCodeAt` is slow for strings of
 * several kinds (slices, concatenations).
 *
 * @example quoteText('a "b"')   // '"a \\"b\\""'
 */
export function quoteText(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : stringifyJson(text)
}
