// Redacts the parts of a URL that may be URLs, forms, JSON or texts themselves.
import { mayBeJson } from '../texts/parse-json.js'
import { mayHaveStandaloneSecret, runDetectors } from '../texts/run-detectors.js'
import type { TextContext } from '../texts/text-context.js'
import { containsEncodedSyntax, decodeUrlText, encodeUrlText, MAX_NESTING } from './decode-url.js'

/** Without these a value has no name, no user info and no escape, and can have only a secret that stands alone. */
const PLAIN_WORD = /^[\w.~,*!()$|-]*$/

/** Redacts a value that may itself be a URL, a form, JSON or a text. */
export function redactNested(value: string, context: TextContext): string {
  if (PLAIN_WORD.test(value) && !mayHaveStandaloneSecret(value)) return value
  const decoded = decodeUrlText(value)
  if (context.nesting >= MAX_NESTING)
    return mayHaveSecret(value, decoded, context) ? context.replacement : value
  const redacted = mayBeJson(decoded) ? context.nested.redactJson(decoded) : context.nested.redactUrl(decoded)
  if (redacted === decoded) return value
  return decoded === value ? redacted : encodeUrlText(redacted)
}

/**
 * Redacts a piece that is not a value: path segments, the name of a parameter, or a text. A segment may be an encoded URL,
 * as in `/redirect/https%3A%2F%2Fh%2F%3Fcode%3DS`, so each segment is decoded and redacted by itself.
 */
export function redactSegments(piece: string, context: TextContext): string {
  if (!containsEncodedSyntax(piece)) return piece
  // A secret that is visible without decoding may continue behind this piece. It stays here until the detectors, which run
  // last, replace all of it in the whole URL.
  if (runDetectors(piece, context.withinUrl) !== piece) return piece
  return piece
    .split(/([/=])/)
    .map((segment) => (containsEncodedSyntax(segment) ? redactNested(segment, context) : segment))
    .join('')
}

/** Whether a value that is nested too deeply to be redacted within may have a secret. */
function mayHaveSecret(value: string, decoded: string, context: TextContext): boolean {
  const syntax = decoded === value ? SYNTAX_IN_PLAIN_VALUE : SYNTAX_IN_ENCODED_VALUE
  return syntax.test(decoded) || runDetectors(decoded, context.withinUrl) !== decoded
}

/** Parameters, user info or escapes. */
const SYNTAX_IN_PLAIN_VALUE = /[=@:%]/
/** The same, and JSON: text that was encoded is more likely to be data than prose. */
const SYNTAX_IN_ENCODED_VALUE = /[=@:%[{"]/
