import { isCookieName, matchCookiePairs } from './cookie-pairs.js'
import type { Detector } from './detector.js'
import { matchNamedCredentials } from './named-credentials.js'
import { HTML_QUOTE, matchAt, matchValue, replaceWithinQuotes } from './value-syntax.js'

/** Includes the no-break space, which word processors and web pages put around separators. */
const BLANK = String.raw`[ \t\xa0]`
/** `:`, `=`, `==`, `===`, `:=` and `=>`. */
const SEPARATOR = ':?={1,3}>?|:'
const NAME = String.raw`(?<![\w.[\]$-])([\w.[\]$-]{1,100})`
/** The quote behind a quoted name, which may be escaped: `"name"`, `\"name\"`. */
const CLOSING_QUOTE = String.raw`\\{0,8}(["']|${HTML_QUOTE})?`
/** More than three blanks align columns; they count only if a quoted value follows. */
const BLANKS_BEFORE = `(?:${BLANK}{0,3}|${BLANK}{4,10}(?=(?:${SEPARATOR})${BLANK}{0,10}["']))`
const BLANKS_BEHIND = String.raw`(?:${BLANK}{4,10}(?=["'])|[ \t\r\n\xa0]{0,3})`
/** These literals are no secrets. A longer word that begins with one may be. */
const NOT_A_LITERAL = String.raw`(?!(?:null|true|false)(?:[\s&;,"'<>{}[\]()\\]|$))`
const NAME_AND_SEPARATOR = new RegExp(
  `${NAME}${CLOSING_QUOTE}${BLANKS_BEFORE}(${SEPARATOR})${BLANKS_BEHIND}${NOT_A_LITERAL}`,
  'g',
)

/** Ruby writes a quoted text, a number or a symbol behind `=>`; anything else makes `token => token.id` a function. */
const RUBY_VALUE = new RegExp(String.raw`[bru]{0,2}["']|${HTML_QUOTE}|[:\d]`, 'iy')
const REST_OF_LINE = /[^\r\n]+/y

export const namedValues: Detector = {
  id: 'named-values',
  secret:
    'The value behind a sensitive name and a separator: `password=...`, `"password": "..."`, `password => ...`',
  reason: 'Settings, log lines, JSON and code in error messages name their passwords and tokens',
  visible: 'The name, the separator and the quotes',
  sources: [
    'https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude',
    'https://cwe.mitre.org/data/definitions/532.html',
  ],
  examples: [
    ['Login failed: {"password":"geheim"}', 'Login failed: {"password":"[REDACTED]"}'],
    ['host=db password=geheim dbname=x', 'host=db password=[REDACTED] dbname=x'],
    ["{'password': b'open sesame'}", "{'password': '[REDACTED]'}"],
    ['{"password"=>"open sesame", :pin=>1234}', '{"password"=>"[REDACTED]", :pin=>[REDACTED]}'],
    ["curl -H 'Cookie: a=1; b=geheim' https://x", "curl -H 'Cookie: [REDACTED]' https://x"],
    ['token => token.id, password=null', 'token => token.id, password=null'],
  ],
  markers: [':', '='],
  redact(text, { sensitiveKeys, replacement }) {
    let redacted = ''
    let end = 0
    // Continues within values that are not sensitive, because they may be JSON themselves.
    for (const match of text.matchAll(NAME_AND_SEPARATOR)) {
      const [whole, name, quote, separator] = match as unknown as [string, string, string?, string?]
      if (match.index < end || !sensitiveKeys.isSensitive(name)) continue
      const start = match.index + whole.length
      const isUnquotedArrow = separator === '=>' && !quote
      const value = matchNamedValue(text, start, name, isUnquotedArrow)
      if (value === undefined) continue
      redacted += text.slice(end, start) + replaceWithinQuotes(value, replacement)
      end = start + value.length
    }
    return redacted + text.slice(end)
  },
}

function matchNamedValue(
  text: string,
  start: number,
  name: string,
  isUnquotedArrow: boolean,
): string | undefined {
  // `[name] => value`: PHP prints values without quotes.
  const isPhpEntry = isUnquotedArrow && name.endsWith(']')
  // Checked before the longer patterns: a text of many arrows stays linear.
  if (isUnquotedArrow && !isPhpEntry && matchAt(RUBY_VALUE, text, start) === undefined) return undefined
  return (
    matchNamedCredentials(text, start) ??
    (isCookieName(name) ? matchCookiePairs(text, start) : undefined) ??
    (isPhpEntry ? matchAt(REST_OF_LINE, text, start) : matchValue(text, start))
  )
}
