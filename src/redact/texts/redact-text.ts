import { containsEncodedSyntax } from '../urls/decode-url.js'
import { redactUrl } from '../urls/redact-url.js'
import { mayBeJson } from './parse-json.js'
import { runDetectors } from './run-detectors.js'
import type { TextContext } from './text-context.js'

const URL_START = /^\s*(?:(?:[a-z][a-z0-9+.-]{0,30}:)?\/\/[^\s]|\/|\?)/i
/** `a=1&b=2`, as a form is sent, and `a=1;b=2`, as connection strings are written. */
const FORM_START = /^[^\s=&{}<>"]{1,200}=/

/** Shorter texts have no room for a name, a separator and a secret. */
const MIN_LENGTH = 5

/**
 * Replaces the secrets in a text that is not JSON: in the parameters of a URL or a form, and everything that a detector
 * recognizes.
 *
 * @example
 * redactText('Bearer abcdefgh', context)               // 'Bearer [REDACTED]'
 * redactText('user=jan&password=geheim', context)      // 'user=jan&password=[REDACTED]'
 */
export function redactText(text: string, context: TextContext): string {
  if (text.length < MIN_LENGTH) return text
  return hasParameters(text) ? redactUrl(text, context) : runDetectors(text, context)
}

/** Whether a text is a URL or a form with parameters. A URL without any needs only the detectors. */
function hasParameters(text: string): boolean {
  // In a list or a quoted text, a value need not end where a parameter ends.
  if (mayBeJson(text) || SEVERAL_LINES.test(text)) return false
  if (text.includes('=') && (URL_START.test(text) || isForm(text))) return true
  return containsEncodedSyntax(text) && !/[\s<]/.test(text)
}

function isForm(text: string): boolean {
  if (!FORM_START.test(text) || !(/[&;]/.test(text) || !/\s/.test(text))) return false
  return !QUOTED_VALUE.test(text)
}

const SEVERAL_LINES = /[\r\n][^\S\r\n]*\S/
/**
 * A value in quotes or braces, which protect the separators in it: `PASSWORD="a;b"`, `Pwd={a;b}`. Such a text is read by
 * the detectors; to a form, the separators would end the value.
 */
const QUOTED_VALUE = /(?:^|[\s&;])[^\s=&;"']{1,200}=(?:"[^"]*"|'[^']*'|`[^`]*`|\{[^{}]*\})(?=[\s&;,]|$)/
