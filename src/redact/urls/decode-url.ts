/** URLs within parameters of URLs are redacted to this depth. Deeper values are hidden if they may contain a secret. */
export const MAX_NESTING = 3

/** `"`, `/`, `:`, `=`, `@`, `[` and `{`, encoded once or more often: `%3D`, `%253D`. */
const ENCODED_CHARACTER = '%(?:25)*(?:22|2f|3[ad]|40|[57]b)'
/** An authentication scheme with an encoded space behind it. */
const ENCODED_CREDENTIALS = '(?:bearer|basic|digest|negotiate|ntlm|apikey)%(?:25)*20'
const PERCENT_ENCODED_SYNTAX = new RegExp(`${ENCODED_CHARACTER}|${ENCODED_CREDENTIALS}`, 'i')

/** Whether a text may contain a parameter, a path, user info, JSON or credentials once it is decoded: `%2Fcb%3Fcode%3DS`. */
export function containsEncodedSyntax(text: string): boolean {
  return text.includes('%') && PERCENT_ENCODED_SYNTAX.test(text)
}

/** `encodeURIComponent` throws on a lone surrogate, which a handler can put into a URL. */
const LONE_SURROGATE = /\p{Surrogate}/gu

/** Encodes a text for a parameter of a URL. Never throws: a lone surrogate becomes U+FFFD. */
export function encodeUrlText(text: string): string {
  return encodeURIComponent(text.replaceAll(LONE_SURROGATE, '\ufffd'))
}

/**
 * Decodes `%70assword` and `+`. Never throws: a broken escape stays as it is and does not prevent the others from being
 * decoded. Otherwise a client could hide a name behind a broken escape.
 */
export function decodeUrlText(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  return spaced.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('latin1')
    }
  })
}
