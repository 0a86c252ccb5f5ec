// Forms of value for the detectors: in the quotes of several languages, or up to a delimiter.

/** A quote that HTML has escaped. */
export const HTML_QUOTE = '&(?:quot|#0?3[49]|#x2[27]);'
/** Python writes bytes and Unicode texts as `b'...'`, `u'...'` and `rb'...'`. */
const PREFIX = '[bru]{0,2}'

const TRIPLE_QUOTED = String.raw`"{3}(?:[^"\\]|\\[\s\S]|"(?!""))*(?:"{3})?`
const DOUBLE_QUOTED = String.raw`${PREFIX}"(?:[^"\\]|\\[\s\S])*"?`
const SINGLE_QUOTED = String.raw`${PREFIX}'(?:[^'\\]|\\[\s\S])*'?`
const HTML_QUOTED = String.raw`${HTML_QUOTE}(?:[^&\\]|\\[\s\S]|&(?!(?:quot|#0?3[49]|#x2[27]);))*(?:&[\w#]{3,5};)?`
/** The closing quote has the same number of backslashes, which no pattern can count: takes the rest of the text. */
const ESCAPED_QUOTED = String.raw`\\+["'][\s\S]*`
const UNQUOTED = String.raw`(?:(?:bearer|basic|digest|token)[ \t]+)?[^\s&;,"'<>{}[\]()\\][^\s&;,"'<>{}[\]()]*`

const VALUE = new RegExp(
  [TRIPLE_QUOTED, DOUBLE_QUOTED, SINGLE_QUOTED, HTML_QUOTED, ESCAPED_QUOTED, UNQUOTED].join('|'),
  'iy',
)
const OPENING_QUOTE = new RegExp(`^(?:${PREFIX}(["'])|(${HTML_QUOTE}))`, 'i')

/** Returns the value that begins at this index, with its quotes. A quote that is never closed ends with the text. */
export function matchValue(text: string, start: number): string | undefined {
  return matchAt(VALUE, text, start)
}

/** Returns what a sticky pattern matches at exactly this index. */
export function matchAt(pattern: RegExp, text: string, start: number): string | undefined {
  pattern.lastIndex = start
  return pattern.exec(text)?.[0]
}

/** Puts the replacement into the quotes that the value had, so that JSON stays JSON. */
export function replaceWithinQuotes(value: string, replacement: string): string {
  const [, character, htmlQuote] = OPENING_QUOTE.exec(value) ?? []
  const quote = character ?? htmlQuote ?? ''
  return `${quote}${replacement}${quote}`
}
