import { cleanShapes } from './clean-shapes.js'
import { cleanUrl } from './clean-url.js'
import type { SecretNames } from './secret-names.js'

const URL_LIKE = /^\s*(?:(?:[a-z][a-z0-9+.-]{0,30}:)?\/\/[^\s]|\/|\?)/i
/** `a=1&b=2`, as a form is sent, and `a=1;b=2`, as settings are. */
const FORM_LIKE = /^[^\s=&{}<>"]{1,200}=/

/**
 * A string without what is recognised as a secret by its shape: credentials with their scheme, JSON Web Tokens,
 * private keys, the secret parameters of URLs and of form bodies, and named values inside longer texts.
 *
 * @example
 * cleanText('Bearer abcdef', names, '[REDACTED]')              // 'Bearer [REDACTED]'
 * cleanText('user=jan&password=geheim', names, '[REDACTED]')   // 'user=jan&password=[REDACTED]'
 */
export function cleanText(text: string, names: SecretNames, replacement: string): string {
  if (text.length < 5) return text
  // Without parameters a URL has nothing that another text could not have.
  return text.includes('=') && (URL_LIKE.test(text) || isForm(text))
    ? cleanUrl(text, names, replacement)
    : cleanShapes(text, names, replacement)
}

function isForm(text: string): boolean {
  return FORM_LIKE.test(text) && (/[&;]/.test(text) || !/\s/.test(text))
}
