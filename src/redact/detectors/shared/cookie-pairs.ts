// A form of value for `named-values.ts`.
import { matchAt } from './match-at.js'
import { scanValue } from './value-syntax.js'

const COOKIE_NAME = /cookie/i
const PAIR_NAME = /[^\s;,&"'<>=[\]{}()]{1,200}=/y
const PAIR_VALUE = /[^\r\n"'\\]*/y
/** A value in quotes may have separators: `a="x; y"`. The quotes may be escaped themselves. */
const QUOTE = /(?<==)\\{0,31}["']/y

/** Whether the value of a name is a list of cookies: `Cookie`, `Set-Cookie`. */
export function isCookieName(name: string): boolean {
  return COOKIE_NAME.test(name)
}

/**
 * Returns the cookies that begin at this index, up to the end of the line or a quote around them: `a=1; b="2; 3"`.
 * Separators do not end the value, because every pair is secret (RFC 6265, section 4.2.1).
 */
export function matchCookiePairs(text: string, start: number): string | undefined {
  if (matchAt(PAIR_NAME, text, start) === undefined) return undefined
  let end = start
  for (;;) {
    end += matchAt(PAIR_VALUE, text, end)?.length ?? 0
    if (matchAt(QUOTE, text, end) === undefined) return text.slice(start, end)
    end = scanValue(text, end)?.end ?? text.length
  }
}
