import { stringifyJson } from './stringify.js'

/** Printable ASCII without what JSON escapes. */
const PLAIN = /^[ !#-[\]-~]*$/

/**
 * The same as `stringifyJson(text)`. Hot path: most texts are plain, and a pattern reads them without looking up the kind of string,
 * of which V8 has many: a loop over the characters would do so for each character once it has seen five kinds.
 *
 * @example quoteText('a "b"')   // '"a \\"b\\""'
 */
export function quoteText(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : stringifyJson(text)
}
