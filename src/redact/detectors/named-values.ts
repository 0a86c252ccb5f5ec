import { looksRandom } from '../texts/looks-random.js'
import type { Detector, DetectorContext } from './detector.js'
import { matchNamedCredentials } from './named-credentials.js'
import { isCookieName, matchCookiePairs } from './shared/cookie-pairs.js'
import { isHarmlessObjectOrReference, isHarmlessValue, isSentenceAbout } from './shared/harmless-texts.js'
import { looksGenerated } from './shared/looks-generated.js'
import { matchAt } from './shared/match-at.js'
import { isSensitiveName, NAME } from './shared/name-syntax.js'
import { HTML_ENTITY, openingQuoteAt } from './shared/quotes.js'
import { replaceParts } from './shared/replace-parts.js'
import { replaceValue, scanValue, type Value } from './shared/value-syntax.js'

/** Includes the no-break space, which word processors and web pages put around separators. */
const BLANK = String.raw`[ \t\xa0]`
/** The quote behind a quoted name, which may be escaped: `"name"`, `\"name\"`, `&quot;name&quot;`, `“name”`. */
const CLOSING_QUOTE = String.raw`(\\{0,31}["'\`]|\\{1,31}(?:u00(?:22|27|60)|x(?:22|27|60))|${HTML_ENTITY}|[”“’»」])?`
/**
 * `["name"]`, `{name}` and, in PHP, `["name":protected]`; `(name)=(value)` in messages of PostgreSQL; a remark on the value:
 * `password (new): ...`.
 */
const REMARK = String.raw`[ \t]\([\w ,.-]{1,30}\)(?=:)`
const CLOSING_BRACKET = String.raw`(?:(?::(?:protected|"[^"\r\n]{1,100}":private))?\]|\}|\)(?==\()|${REMARK})?`
/** Tags that format a text. They may stand between a name and its value. */
const TAG_NAME = 'b|i|u|em|strong|code|span|td|th|tr|dd|dt|p|div|br|pre|kbd|samp|tt|font|small|mark|li'
const TAG = String.raw`</?(?:${TAG_NAME})(?:[ \t][^<>]{0,200})?/?>`
/** The end of bold text in Markdown, or of elements in HTML. */
const END_OF_FORMAT = String.raw`(?:\*{1,3}|(?:</[a-z]{1,10}>){1,3})?`
/** `=`, `==`, `===`, `:=`, `=>`, `:`, and comparisons. */
const SIGN = ':?={1,3}>?|!={1,2}|<>|->|[:→⇒：＝]'
/** Between a name and its value in serialized PHP: `s:8:"password";s:6:"geheim";`. */
const SERIALIZED = ';(?=[sSaO]:\\d)'
/** A pair in brackets: `("password", "geheim")`, also with an operator: `('password', '=', 'geheim')`. */
const COMMA = String.raw`,(?:[ \t]{0,3}["'](?:=|==|===|eq|like|is)["'][ \t]{0,3},)?`
/** Only a blank: `:password "geheim"` of Lisp, `PASSWORD 'geheim'` of SQL, `setx PASSWORD "geheim"`. */
const BLANK_BEFORE_QUOTE = String.raw`(?<=[ \t])(?=[bNEX]?["'\`“„«]|\\{1,31}["']|\$\w{0,30}\$|(?<=:[\w-]{1,60} )[[{])`
/** Operators of SQL and OData that are words, and verbs, in front of a quote: `password LIKE 'a%'`. */
const WORD = String.raw`(?<=[ \t])(?:not )?(?:i?like|in|eq|ne|regexp|is|was|to|as)(?=[ \t]{0,3}\(?[bNEX]?["'\`“])`
/** R prints the members of a list with their name on a line of its own. */
const R_MEMBER = String.raw`\r?\n\[1\](?= ["\d])`
const SEPARATOR = `${SIGN}|${SERIALIZED}|${COMMA}|${R_MEMBER}|${WORD}|${BLANK_BEFORE_QUOTE}`
/** More than three blanks align columns; they count only if a quoted value follows. */
const BLANKS_BEFORE = `(?:${BLANK}{0,3}|${BLANK}{4,10}(?=(?:${SIGN})${BLANK}{0,10}["']))`
/** The value may be on the next line, unless another name begins there. */
const NEXT_LINE = String.raw`(?:\r?\n[ \t]{0,100}(?![\w.-]{1,100}["']?[ \t]?[:=]|[\r\n-]))?`
const BLANKS_BEHIND = `(?:${BLANK}{4,10}(?=["'])|${BLANK}{0,3}${NEXT_LINE})`
const NAME_AND_SEPARATOR = new RegExp(
  `${NAME}${CLOSING_QUOTE}${CLOSING_BRACKET}${END_OF_FORMAT}${BLANKS_BEFORE}(${SEPARATOR})` +
    `${END_OF_FORMAT}${BLANKS_BEHIND}((?:${TAG}[ \\t\\r\\n]{0,10}){0,4})`,
  'gi',
)

/** Ruby writes a quoted text, a number or a symbol behind `=>`; anything else makes `token => token.id` a function. */
const VALUE_BEHIND_ARROW = /[bru]{0,2}["'“]|<<"|&(?:quot|apos|#\w{2,4});|[:\d]|(?=\S{0,30}\d)\S{8}/iy
const REST_OF_LINE = /[^\r\n]+/y
const REST_OF_ELEMENT = /[^<]+/y

export const namedValues: Detector = {
  id: 'named-values',
  secret:
    'The value behind a sensitive name and a separator: `password=...`, `"password": "..."`, `password => ...`. The value may be quoted, a list, an object or a call',
  reason: 'Settings, log lines, JSON and code in error messages name their passwords and tokens',
  visible: 'The name, the separator and the quotes',
  sources: [
    'https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude',
    'https://cwe.mitre.org/data/definitions/532.html',
  ],
  examples: [
    ['Login failed: {"password":"geheim"}', 'Login failed: {"password":"[REDACTED]"}'],
    ['Login failed: {"password":["geheim"]}', 'Login failed: {"password":"[REDACTED]"}'],
    ['User { password: Some("geheim"), id: 1 }', 'User { password: [REDACTED], id: 1 }'],
    ["WHERE password='it''s geheim' AND id=1", "WHERE password='[REDACTED]' AND id=1"],
    ['host=db password=geheim dbname=x', 'host=db password=[REDACTED] dbname=x'],
    ["{'password': b'open sesame'}", "{'password': '[REDACTED]'}"],
    ['{"password"=>"open sesame", :pin=>1234}', '{"password"=>"[REDACTED]", :pin=>[REDACTED]}'],
    ["curl -H 'Cookie: a=1; b=geheim' https://x", "curl -H 'Cookie: [REDACTED]' https://x"],
    ['token => token.id, password=null', 'token => token.id, password=null'],
    ['id=1 token=[REDACTED]geheim', 'id=1 token=[REDACTED]'],
    ['Note: token: expired', 'Note: token: expired'],
    ['mutation($password: String!)', 'mutation($password: String!)'],
  ],
  markers: [
    ':',
    '=',
    '[',
    '"',
    "'",
    '`',
    '“',
    '«',
    '→',
    '->',
    '<>',
    '：',
    '＝',
    ' $',
    '&quot;',
    '&apos;',
    '&#',
  ],
  needsName: true,
  redact(text, context) {
    // Continues within values that are not sensitive, because they may be JSON themselves.
    return replaceParts(text, NAME_AND_SEPARATOR, (match) => {
      const value = findSecretValue(text, match, context)
      const start = match.index + match[0].length
      return value && { start, end: value.end, replacement: replaceValue(value, context.replacement) }
    })
  },
}

function findSecretValue(
  text: string,
  match: RegExpExecArray,
  { sensitiveKeys, replacement }: DetectorContext,
): Value | undefined {
  const [whole, name, quote = '', separator, tags] = match as unknown as [
    string,
    string,
    string?,
    string?,
    string?,
  ]
  if (!isSensitiveName(text, match.index, name, sensitiveKeys)) return undefined
  // The end of a URL or a path in a sentence, or an annotation such as `checksum/secret: 1a2b`.
  if (text[match.index - 1] === '/' && /:\s+$/.test(whole)) return undefined
  const start = match.index + whole.length
  if (isReplacedCookie(text, start, name, replacement)) return undefined
  if (text.startsWith(replacement, start)) return matchBehindReplacement(text, start, replacement)
  if (separator === '' && !isNameBeforeQuote(text, match.index, name)) return undefined
  const first = matchNamedValue(text, start, match.index, name, quote, separator ?? '', tags ?? '')
  if (first === undefined) return undefined
  const value = extendToFallback(text, first)
  const written = text.slice(start, value.end)
  if (separator === '' && EMAIL_ADDRESS.test(written)) return undefined
  if (KUBERNETES.test(text.slice(Math.max(0, match.index - 20), match.index)) && isResourceName(written))
    return undefined
  const isTyped = separator === ':'
  if (isHarmlessValue(name, written, value.kind, isTyped)) return undefined
  if (isHarmlessObjectOrReference(name, written, value, sensitiveKeys)) return undefined
  // The rest of a sentence follows a colon and a blank; settings and forms have no blank there.
  const isSentence = value.kind === 'unquoted' && isTyped && /:[*]{0,3}\s+$/.test(whole)
  if (isSentence && isSentenceAbout(name, text, start)) return undefined
  // JSON stays JSON.
  return value.kind === 'bracketed' && /^[[{]/.test(written)
    ? { ...value, opening: quote, closing: quote }
    : value
}

/** Behind a blank, the name may be that of an action: `reset_password "jan@example.org"`. */
const EMAIL_ADDRESS = /^["'`][\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}["'`]$/
/** In front of `secret`: what follows is the name of an object that holds the secret. */
const KUBERNETES = /\b(?:kubernetes|k8s|docker|swarm|tls|opaque|sealed) $/i
const isResourceName = (text: string) => /^[a-z][a-z0-9.-]{1,60}$/.test(text) && !looksRandom(text, 8)
/** `process.env.TOKEN || 'geheim'`, `None or 'geheim'`, `getToken() ?? "geheim"`. */
const FALLBACK = /[ \t]{1,3}(?:\|\||\?\?|\?:|or|else)[ \t]{1,3}(?=[bru]?["'`])/iy

/** The value in quotes that is used if the first one is missing belongs to the value. */
function extendToFallback(text: string, value: Value): Value {
  const operator = value.kind === 'quoted' ? undefined : matchAt(FALLBACK, text, value.end)
  const fallback = operator && scanValue(text, value.end + operator.length)
  return fallback ? unquoted(fallback.end) : value
}

/** The rest of a value that an earlier detector has replaced in part, or that begins with a forged replacement. */
const REST_OF_WORD = /(?=[.:!]{0,3}[\p{L}\p{N}_~+-])[^\s&;,"'`<>{}[\]()\\]+/uy

/** A value that begins with the replacement needs to be replaced only if it goes on. */
function matchBehindReplacement(text: string, start: number, replacement: string): Value | undefined {
  const end = start + replacement.length
  const rest = matchAt(REST_OF_WORD, text, end)
  return rest === undefined ? undefined : unquoted(end + rest.length)
}

/** The attributes of a cookie follow its value, and stay. */
function isReplacedCookie(text: string, start: number, name: string, replacement: string): boolean {
  if (!/set-cookie$/i.test(name)) return false
  const cookie = matchAt(COOKIE, text, start)
  return cookie !== undefined && text.startsWith(replacement, start + cookie.length)
}

const COOKIE = /[^\s;,="']{1,200}=/y

/** `Unexpected token "<"` is about a character; `secret "db"` of Kubernetes and `cookie "a"` are about the name of one. */
function isNameBeforeQuote(text: string, index: number, name: string): boolean {
  if (/^(?:secrets?|cookies?|sessions?)$/i.test(name)) return false
  return !/(?:expected|illegal|unrecognized|unterminated) $/i.test(text.slice(Math.max(0, index - 14), index))
}

function matchNamedValue(
  text: string,
  start: number,
  nameStart: number,
  name: string,
  quote: string,
  separator: string,
  tags: string,
): Value | undefined {
  if (separator.startsWith(',')) return matchPair(text, start, nameStart, quote)
  const isArrow = separator === '=>' || separator === '->'
  const isUnquotedArrow = isArrow && quote === '' && text[nameStart - 1] !== ':'
  // `[name] => value`: PHP prints values without quotes.
  const isPhpEntry = isUnquotedArrow && name.endsWith(']')
  // Checked before the longer patterns: a text of many arrows stays linear.
  if (isUnquotedArrow && !isPhpEntry && matchAt(VALUE_BEHIND_ARROW, text, start) === undefined)
    return undefined
  const line =
    matchNamedCredentials(text, start) ??
    (isCookieName(name) ? matchCookiePairs(text, start) : undefined) ??
    (isPhpEntry ? matchAt(REST_OF_LINE, text, start) : undefined) ??
    (tags === '' ? undefined : matchAt(REST_OF_ELEMENT, text, start))
  if (line !== undefined) return unquoted(start + line.length)
  const value = scanValue(text, start)
  if (value !== undefined && isParameterList(text, start, value)) return undefined
  return value?.kind === 'unquoted' && separator === '=' ? extendInBrackets(text, nameStart, value) : value
}

/** Bounds the brackets that are read twice if they are no value. */
const MAX_PARAMETER_LIST = 200

/** `token = (password) => hash(password)` defines a function. */
function isParameterList(text: string, start: number, { end, kind }: Value): boolean {
  if (kind !== 'bracketed' || text[start] !== '(' || end - start > MAX_PARAMETER_LIST) return false
  return /^[ \t]{0,3}=>/.test(text.slice(end, end + 6))
}

const WORD_IN_BRACKET = /[^\s,;()[\]{}"'`]{1,200}(?=\])/y
/** Bounds the second value of a pair. */
const MAX_PAIR_LENGTH = 4000

const unquoted = (end: number): Value => ({ end, opening: '', closing: '', kind: 'unquoted' })

/** The second of exactly two values in brackets. */
function matchPair(text: string, start: number, nameStart: number, quote: string): Value | undefined {
  const nameBegin = quote === '' ? nameStart : nameStart - quote.length
  const isInBracket = text[nameStart] === '['
  const before =
    text
      .slice(Math.max(0, nameBegin - 4), nameBegin)
      .trimEnd()
      .at(-1) ?? ''
  if (!isInBracket && !(quote === '' ? /[{[:]/ : /[([{b]/).test(before)) return undefined
  // C# and PowerShell print pairs without quotes: `[Password, geheim1]`. A list of names looks the same: `[password, email]`.
  const word = isInBracket ? matchAt(WORD_IN_BRACKET, text, start) : undefined
  if (word !== undefined) return looksGenerated(word, true) ? unquoted(start + word.length) : undefined
  // Brackets are no second value, and would be read from each of many first values.
  if (openingQuoteAt(text, start) === undefined) return undefined
  const rest = text.slice(start, start + MAX_PAIR_LENGTH)
  const value = scanValue(rest, 0)
  const isPair = value?.kind === 'quoted' && /^\s{0,3}[\])}]/.test(rest.slice(value.end, value.end + 4))
  return isPair ? { ...value, end: start + value.end } : undefined
}

/** Precedes the name of a setting in brackets. */
const BEFORE_SETTING = /[({[,][ \t]{0,3}$/
/** More words of the value, up to the next setting or the closing bracket. */
const MORE_WORDS = /[ \t][^,"'=<>()[\]{}\r\n]{1,300}(?=[)\]}]|, {0,3}[\w.]{1,60} {0,3}=)/y

/** Java, Kotlin and C# print values with spaces, without quotes: `User(password=open sesame, id=1)`. */
function extendInBrackets(text: string, nameStart: number, value: Value): Value {
  if (!BEFORE_SETTING.test(text.slice(Math.max(0, nameStart - 4), nameStart))) return value
  return unquoted(value.end + (matchAt(MORE_WORDS, text, value.end)?.length ?? 0))
}
