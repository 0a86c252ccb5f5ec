// A form of value for `named-values.ts`.
import { matchAt } from './value-syntax.js'

const COOKIE_NAME = /cookie/i
const COOKIE_PAIRS = /[^\s;,&"'<>=[\]{}]{1,200}=[^\r\n"'\\]*/y

/** Whether the value of a name is a list of cookies: `Cookie`, `Set-Cookie`. */
export function isCookieName(name: string): boolean {
  return COOKIE_NAME.test(name)
}

/**
 * Returns the cookies that begin at this index, up to the end of the line or a quote: `a=1; b=2`. Separators do not end
 * the value, because every pair is secret (RFC 6265, section 4.2.1).
 */
export function matchCookiePairs(text: string, start: number): string | undefined {
  return matchAt(COOKIE_PAIRS, text, start)
}
