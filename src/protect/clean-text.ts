// Strings that hold a secret although their name does not say so: the shapes that real requests produce.
import { cleanUrl } from './clean-url.js'
import type { SecretNames } from './secret-names.js'

/** RFC 7235 credentials: a scheme, then the secret. */
const CREDENTIALS = /^(bearer|basic|digest|negotiate|ntlm|token|apikey|aws4-hmac-sha256)\s+\S/i
/** A JSON Web Token, whole (RFC 7519): its header is JSON, which in base64url begins with `eyJ`. */
const JSON_WEB_TOKEN = /^eyJ[\w-]*\.eyJ[\w-]*\.[\w-]*$/
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/
const URL_LIKE = /^(?:[a-z][a-z0-9+.-]{0,30}:)?\/\/|^\/|^\?/i
/** `a=1&b=2`, as a form is sent. */
const FORM_LIKE = /^[^\s=&{}<>"]{1,200}=/

/**
 * A string without what is recognised as a secret by its shape: credentials with their scheme, JSON Web Tokens,
 * private keys, and the secret parameters of URLs and of form bodies.
 *
 * @example
 * cleanText('Bearer abc', names, '[REDACTED]')                 // 'Bearer [REDACTED]'
 * cleanText('user=jan&password=geheim', names, '[REDACTED]')   // 'user=jan&password=[REDACTED]'
 */
export function cleanText(text: string, names: SecretNames, replacement: string): string {
  if (text.length < 6) return text
  const scheme = CREDENTIALS.exec(text)?.[1]
  if (scheme !== undefined) return `${scheme} ${replacement}`
  if (JSON_WEB_TOKEN.test(text) || PRIVATE_KEY.test(text)) return replacement
  if (URL_LIKE.test(text) || FORM_LIKE.test(text)) return cleanUrl(text, names, replacement)
  return text
}
