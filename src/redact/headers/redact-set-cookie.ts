/** The name of a cookie, with the blanks in front of it. */
const NAME = /[^=;,]*=/y
/** RFC 6265, section 4.1.1, allows no separators in a quoted value; clients send them nevertheless. */
const QUOTED_VALUE = /[ \t]{0,10}"[^"]*"?/y
/** Up to the attributes, or to another cookie behind a comma. The date of `Expires=Wed, 21 Oct 2026` has no `=` behind it. */
const VALUE_END = /;|,(?=[ \t]{0,3}[^\s;,="]{1,200}=)/g
const COOKIE_END = /,(?=[ \t]{0,3}[^\s;,="]{1,200}=)/g

/** Returns the replacement of the value of a cookie. */
type ReplaceCookie = (name: string, value: string) => string

/** Redacts the values of one or more cookies: `name=value; attribute, name=value; attribute` (RFC 6265, section 4.1). */
export function redactSetCookie(cookies: string, replaceCookie: ReplaceCookie): string {
  let redacted = ''
  let position = 0
  while (position < cookies.length) {
    const valueStart = position + lengthAt(NAME, cookies, position)
    const quotedEnd = valueStart + lengthAt(QUOTED_VALUE, cookies, valueStart)
    const valueEnd = indexOfMatch(VALUE_END, cookies, quotedEnd)
    const cookieEnd = indexOfMatch(COOKIE_END, cookies, valueEnd)
    const name = cookies.slice(position, Math.max(position, valueStart - 1)).trim()
    const replacement = replaceCookie(name, cookies.slice(valueStart, valueEnd).trim())
    redacted += cookies.slice(position, valueStart) + replacement + cookies.slice(valueEnd, cookieEnd)
    position = cookieEnd
    if (cookies[position] !== ',') continue
    redacted += ','
    position += 1
  }
  return redacted
}

function lengthAt(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index
  return pattern.exec(text)?.[0].length ?? 0
}

/** The index of the next match, or the end of the text. */
function indexOfMatch(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index
  return pattern.exec(text)?.index ?? text.length
}
