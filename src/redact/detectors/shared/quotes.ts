// The quotes of programming languages, shells, HTML and typography, and where a text in quotes ends.
import { matchAt } from './match-at.js'

/** An opening quote, as it is written in the text. */
export interface Quote {
  /** The quote with the backslashes in front of it, without a prefix such as the `N` of `N'...'`. */
  readonly text: string
  /** Where the content begins. */
  readonly contentStart: number
  /** Backslashes in front of the quote: one for each quote of JSON in a JSON string. */
  readonly backslashes: number
  /** The quote that ends the content, without backslashes. */
  readonly closer: string
}

/** The content of a text in quotes ends at `contentEnd`, and the text behind it begins at `end`. */
export interface QuotedText {
  readonly contentEnd: number
  readonly end: number
}

/**
 * Letters in front of a quote: bytes and raw strings of Python and Rust (`b`, `rb`, `r#`), `N` (national), `E` (escapes),
 * `X` (hexadecimal), `U&` and `_utf8` of SQL, `L` and `u8` of C, `@` and `$` of C#, `$` of shells.
 */
const PREFIX = String.raw`(?:b|br|rb|ur?|f|fr|rf|r#{0,5}|n|e|x|l|q|nq|u8|u&|_[a-z0-9]{1,12}|[@$]{1,2})?`
/** Three quotes of Python, GraphQL and TOML, or one quote. */
const ASCII_QUOTE = `"""|'''|["'\`]`
/** A quote that JavaScript or JSON has escaped as `\u0022` or `\x27`, behind its backslashes. */
const ESCAPED_CODE = 'u00(?:22|27|60)|x(?:22|27|60)'
export const HTML_ENTITY = '&(?:amp;){0,3}(?:quot|apos|#0{0,5}3[49]|#x0{0,4}2[27]|[lr][sd]quo|laquo|raquo);'
const OPENING_QUOTE = new RegExp(
  `${PREFIX}(?:(\\\\{0,31})(${ASCII_QUOTE})|(\\\\{1,31})(${ESCAPED_CODE})|(${HTML_ENTITY}|[“”„«‹‘‚「『＂＇]))`,
  'iy',
)

/** Quotes whose closing quote differs from the opening one. */
const CLOSERS: Readonly<Record<string, string>> = {
  '«': '»',
  '‹': '›',
  '‘': '’',
  '「': '」',
  '『': '』',
  '&ldquo;': '&rdquo;',
  '&lsquo;': '&rsquo;',
  '&laquo;': '&raquo;',
}
/** `“a”` in English, `„a“` in German, `”a”` in Swedish. */
const TYPOGRAPHIC_CLOSERS: Readonly<Record<string, RegExp>> = {
  '“': /[”“]/g,
  '„': /[“”]/g,
  '‚': /[‘’]/g,
}

/** Returns the quote that opens at this index, behind an optional prefix. */
export function openingQuoteAt(text: string, start: number): Quote | undefined {
  OPENING_QUOTE.lastIndex = start
  const match = OPENING_QUOTE.exec(text)
  if (match === null) return undefined
  const [whole, backslashes, ascii, codeBackslashes, code, other] = match
  const quote = (ascii ?? code ?? other) as string
  const hashes = /r(#+)/i.exec(whole)?.[1] ?? ''
  const escapes = backslashes ?? codeBackslashes ?? ''
  return {
    text: `${escapes}${quote}`,
    contentStart: start + whole.length,
    backslashes: escapes.length,
    closer: `${CLOSERS[quote.toLowerCase()] ?? quote}${hashes}`,
  }
}

/** Returns where the text in these quotes ends. Quotes that are never closed end with the text. */
export function findClosingQuote(text: string, quote: Quote): QuotedText {
  const { closer, contentStart, backslashes } = quote
  const typographic = TYPOGRAPHIC_CLOSERS[closer]
  if (typographic !== undefined) {
    typographic.lastIndex = contentStart
    const match = typographic.exec(text)
    return match === null ? endOf(text) : { contentEnd: match.index, end: match.index + 1 }
  }
  let from = contentStart
  for (;;) {
    const index = text.indexOf(closer, from)
    if (index === -1) return endOf(text)
    const escapes = countBackslashes(text, index, contentStart)
    // Fewer backslashes: the text in which these quotes were escaped ends here.
    if (escapes < backslashes) return { contentEnd: index - escapes, end: index - escapes }
    const end = index + closer.length
    const next = isEscaped(escapes, backslashes) ? end : endOfContinuation(text, index, end, quote)
    if (next === undefined) return { contentEnd: index - backslashes, end }
    from = next
  }
}

function endOf(text: string): QuotedText {
  return { contentEnd: text.length, end: text.length }
}

function countBackslashes(text: string, index: number, start: number): number {
  let count = 0
  while (index - count > start && text[index - count - 1] === '\\') count += 1
  return count
}

/**
 * Whether a quote belongs to the content. A text that is escaped again doubles each backslash and adds one to each quote.
 * So a quote with `n` backslashes opens a content in which each backslash is written `n + 1` times.
 */
function isEscaped(escapes: number, backslashes: number): boolean {
  return ((escapes - backslashes) / (backslashes + 1)) % 2 !== 0
}

const WORD_CHARACTER = /[\p{L}\p{N}]/u
/** Bounds the search for the quote that really closes. */
const MAX_APOSTROPHE_DISTANCE = 200

/** Returns where the content continues if the quote at this index does not close it. */
function endOfContinuation(text: string, index: number, end: number, quote: Quote): number | undefined {
  const { closer, text: written } = quote
  if (closer.length !== 1) return undefined
  // SQL, CSV and Visual Basic double a quote within the quotes.
  if (text.startsWith(written, end)) return end + written.length
  if (quote.backslashes > 0) return undefined
  // Shells end the quotes, add an apostrophe, and open them again: 'it'\''s' and 'it'"'"'s'.
  if (closer === "'" && text.startsWith("\\''", end)) return end + 3
  if (closer === "'" && text.startsWith(`"'"'`, end)) return end + 4
  // An apostrophe within a word, which should have been escaped: 'it's'.
  if (!WORD_CHARACTER.test(text[end] ?? '') || !WORD_CHARACTER.test(text[index - 1] ?? '')) return undefined
  const rest = text.slice(end, end + MAX_APOSTROPHE_DISTANCE)
  return /^[^\r\n]*/.exec(rest)?.[0].includes(closer) ? end : undefined
}

const DOLLAR_TAG = /\$(?:[a-z_]\w{0,30})?\$/iy
/** Bounds the work for tags that are never closed. */
const MAX_DOLLAR_QUOTED = 10_000

/** Returns a text in the dollar quotes of PostgreSQL: `$$...$$` or `$tag$...$tag$`. */
export function dollarQuotedAt(
  text: string,
  start: number,
): (QuotedText & { readonly tag: string }) | undefined {
  const tag = matchAt(DOLLAR_TAG, text, start)
  if (tag === undefined) return undefined
  const contentStart = start + tag.length
  const content = text.slice(contentStart, contentStart + MAX_DOLLAR_QUOTED)
  const length = content.indexOf(tag)
  // `$argon2$` and the like begin a password hash.
  if (length === -1 && tag !== '$$') return undefined
  const contentEnd = contentStart + (length === -1 ? content.length : length)
  return { tag, contentEnd, end: length === -1 ? text.length : contentEnd + tag.length }
}
