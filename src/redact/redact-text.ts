import { isEncoded } from './decode-url.js'
import { mayBeJson } from './parse-json.js'
import { redactShapes } from './redact-shapes.js'
import { redactUrl } from './redact-url.js'
import type { SensitiveKeys } from './sensitive-keys.js'

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
export function redactText(text: string, names: SensitiveKeys, replacement: string): string {
  if (text.length < 5) return text
  const clean = hasParameters(text) ? redactUrl : redactShapes
  return clean(text, names, replacement)
}

/** Without any a URL has nothing that another text could not have. */
function hasParameters(text: string): boolean {
  // A list, or what is in quotes: what it holds may not end where a parameter does.
  if (mayBeJson(text)) return false
  if (text.includes('=') && (URL_LIKE.test(text) || isForm(text))) return true
  return isEncoded(text) && !/[\s<]/.test(text)
}

function isForm(text: string): boolean {
  return FORM_LIKE.test(text) && (/[&;]/.test(text) || !/\s/.test(text))
}
