// Finds where a value ends, whatever notation it has. All detectors that look for a value behind a name use this scanner.
import { matchAt } from './match-at.js'
import { dollarQuotedAt, findClosingQuote, openingQuoteAt, type Quote } from './quotes.js'

/** A value within a text. */
export interface Value {
  readonly end: number
  /** The quotes that are around it, which a replacement keeps. Empty without quotes. */
  readonly opening: string
  readonly closing: string
  /** `bracketed`: a list, an object, or a call such as `Some("...")`. */
  readonly kind: 'quoted' | 'bracketed' | 'unquoted'
}

/** Precedes a value: `new`, a type tag or an anchor of YAML, a cast, the type of a serialized value, a bullet of Markdown. */
const BEFORE_VALUE = [
  'new[ \\t]{1,3}',
  String.raw`[!&][\w!/:.-]{1,50}[ \t]{1,10}`,
  String.raw`\([\w.*]{1,40}\)[ \t]{0,3}(?=["'])`,
  String.raw`s:\d{1,9}:(?=")`,
  String.raw`(?:just|string\(\d{1,9}\)|convertto-securestring)[ \t]{1,3}(?=["'])`,
  String.raw`<<(?=["'])`,
].join('|')
const PREFIX = new RegExp(`(?:${BEFORE_VALUE}){1,2}`, 'iy')

/** An authentication scheme with a blank behind it is a part of the credentials. */
const SCHEME =
  /(?:bearer|basic|digest|token|apikey|negotiate|ntlm|dpop|ssws|geniekey|splunk|bot|key|auth)[ \t]{1,3}(?=[^\s&;,"'<>{}[\]()\\])/iy
const WORD = /[^\s&;,"'`<>{}[\]()\\]+/y
/** The modular crypt format of password hashes, which has commas: `$argon2id$v=19$m=65536,t=3$salt$hash`. */
const PASSWORD_HASH = /\$[a-z0-9-]{1,20}\$[^\s"'`<>&;\\]+/iy
/** A backslash in front of these is an escape of a text that is in quotes itself. */
const ESCAPE = /\\{1,31}[nrtu"'`]/y
/** `"a" + "b"`, `'a' || 'b'` and `'a' . 'b'`. */
const CONCATENATION = /[ \t\r\n]{0,20}(?:\+|\|\||[ ]\.[ ])[ \t\r\n]{0,20}(?=["'`])/y
/** Something that is called or constructed continues: `String::from("a").into()`. */
const MEMBER = /(?:\?\.|\.|::|->)(?=[a-z_])/iy
/** `Secret { ... }` of Rust and JavaScript, `Set(1) { ... }`, and `array ( ... )` of PHP. */
const STRUCT = /[ \t](?=\{)/y
const ARRAY = /[ \t](?=\()/y
const OPENERS: ReadonlySet<string | undefined> = new Set(['(', '[', '{'])
const STRUCT_NAME = /^[A-Z]\w{0,100}$/
/** The type in front of a list of Go: `[]string{...}`. */
const LIST_TYPE = /\[\d{0,9}\]\*?[\w.]{1,60}(?=\{)/y

/**
 * Returns the value that begins at this index: in quotes of any kind, in brackets, a call, or unquoted up to a delimiter.
 * Linear in the length of the value. Quotes and brackets that are never closed end with the text.
 *
 * @example
 * scanValue("a='it''s' b", 2)             // { end: 9, opening: "'", closing: "'", kind: 'quoted' }
 * scanValue('a=Some("b"), c', 2)          // { end: 11, opening: '', closing: '', kind: 'bracketed' }
 * scanValue('a=b, c', 2)                  // { end: 3, opening: '', closing: '', kind: 'unquoted' }
 */
export function scanValue(text: string, index: number): Value | undefined {
  const start = index + (matchAt(PREFIX, text, index)?.length ?? 0)
  const dollarQuoted = dollarQuotedAt(text, start)
  if (dollarQuoted !== undefined)
    return { end: dollarQuoted.end, opening: dollarQuoted.tag, closing: dollarQuoted.tag, kind: 'quoted' }
  const quote = openingQuoteAt(text, start)
  if (quote !== undefined) return scanQuoted(text, quote)
  const listType = matchAt(LIST_TYPE, text, start)
  if (listType !== undefined) return scanCalls(text, skipBrackets(text, start + listType.length))
  if (OPENERS.has(text[start])) return scanCalls(text, skipBrackets(text, start))
  return scanUnquoted(text, start)
}

/** Texts in quotes, with the texts that are concatenated to them. */
function scanQuoted(text: string, first: Quote): Value {
  let quote = first
  for (;;) {
    const { contentEnd, end } = findClosingQuote(text, quote)
    const operator = matchAt(CONCATENATION, text, end)
    const next = operator && openingQuoteAt(text, end + operator.length)
    if (next) {
      quote = next
      continue
    }
    const closing = end === contentEnd ? (end === text.length ? first.text : '') : text.slice(contentEnd, end)
    return { end, opening: first.text, closing, kind: 'quoted' }
  }
}

function scanUnquoted(text: string, start: number): Value | undefined {
  const hash = matchAt(PASSWORD_HASH, text, start)
  if (hash !== undefined) return { end: start + hash.length, opening: '', closing: '', kind: 'unquoted' }
  const wordStart = start + (matchAt(SCHEME, text, start)?.length ?? 0)
  const end = skipWord(text, wordStart)
  if (end === wordStart) return undefined
  const word = text.slice(wordStart, Math.min(end, wordStart + 100))
  const isStruct = STRUCT_NAME.test(word)
  if (OPENERS.has(text[end])) {
    const bracketEnd = skipBrackets(text, end)
    const isSized = isStruct && matchAt(STRUCT, text, bracketEnd) !== undefined
    return scanCalls(text, isSized ? skipBrackets(text, bracketEnd + 1) : bracketEnd)
  }
  if (matchAt(isStruct ? STRUCT : ARRAY, text, end) !== undefined && (isStruct || word === 'array'))
    return scanCalls(text, skipBrackets(text, end + 1))
  return { end, opening: '', closing: '', kind: 'unquoted' }
}

/** Returns the end of an unquoted word. A quote or a backslash within it belongs to it. */
function skipWord(text: string, start: number): number {
  let end = start
  for (;;) {
    end += matchAt(WORD, text, end)?.length ?? 0
    const isInWord = end > start && isLetterOrDigit(text, end - 1) && isLetterOrDigit(text, end + 1)
    const isQuote = text[end] === '"' || text[end] === "'"
    const isBackslash = text[end] === '\\' && matchAt(ESCAPE, text, end) === undefined
    if (!isBackslash && !(isQuote && isInWord)) return end
    end += 1
  }
}

function isLetterOrDigit(text: string, index: number): boolean {
  return /[\p{L}\p{N}]/u.test(text[index] ?? '')
}

/** The members and arguments behind brackets: `.b("c")` of `a("b").b("c")`. */
function scanCalls(text: string, start: number): Value {
  let end = start
  for (;;) {
    if (OPENERS.has(text[end]) && text[end] !== '{') {
      end = skipBrackets(text, end)
      continue
    }
    const member = matchAt(MEMBER, text, end)
    if (member === undefined) break
    end = skipWord(text, end + member.length)
  }
  return { end, opening: '', closing: '', kind: 'bracketed' }
}

const INTERESTING = /["'`“„«「[\](){}]/g

/** Returns the index behind the bracket that closes the one at this index. Brackets in quotes do not count. */
export function skipBrackets(text: string, start: number): number {
  let depth = 0
  let index = start
  for (;;) {
    INTERESTING.lastIndex = index
    const match = INTERESTING.exec(text)
    if (match === null) return text.length
    const [character] = match
    index = match.index + 1
    if (OPENERS.has(character)) depth += 1
    else if (character === ']' || character === ')' || character === '}') {
      depth -= 1
      if (depth === 0) return index
    } else if (character !== "'" || !isLetterOrDigit(text, index - 2)) {
      index = skipQuoted(text, match.index)
    }
  }
}

/** Returns the index behind a text in quotes. The backslashes in front of the quote stand before this index. */
function skipQuoted(text: string, index: number): number {
  let start = index
  while (text[start - 1] === '\\' && index - start < 31) start -= 1
  const quote = openingQuoteAt(text, start)
  return quote === undefined ? index + 1 : findClosingQuote(text, quote).end
}

/** Returns the replacement in the quotes that the value had. */
export function replaceValue({ opening, closing }: Value, replacement: string): string {
  return `${opening}${replacement}${closing}`
}

const QUOTE_OF_ATTRIBUTE = /^["']/

/** Puts the replacement into the quotes that the value of an attribute has. */
export function replaceWithinQuotes(value: string, replacement: string): string {
  const quote = QUOTE_OF_ATTRIBUTE.exec(value)?.[0] ?? ''
  return `${quote}${replacement}${quote}`
}
