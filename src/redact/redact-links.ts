import { decode, isEncoded, MAX_NESTING } from './decode-url.js'
import type { SensitiveKeys } from './sensitive-keys.js'

/** A URL inside a text, or in an attribute of HTML, where it may be relative. */
const LINK = /(?:\bhttps?:\/\/|\b(?:href|src|action|formaction|url)[ \t]{0,3}=[ \t]{0,3}["'])[^\s"'<>\\`]+/gi
/** Also `&amp;name=value`. A value may have `?` and `;` in it, where no other parameter begins with them. */
const PARAMETER = /([?&#;])([^=?&#;]{1,100})=((?:[^?&#;]+|[?;](?![\w.[\]%-]{1,100}=))+)/g
/** What a sentence has behind a URL. */
const PUNCTUATION = /[.,:)]{0,3}$/

/**
 * A text without the secret parameters of the URLs in it. Of a parameter that is a URL with a secret nothing stays.
 *
 * @example
 * cleanLinks('See https://example.org/cb?code=abc&lang=nl.', names, '[REDACTED]')
 * // 'See https://example.org/cb?code=[REDACTED]&lang=nl.'
 */
export function redactLinks(text: string, names: SensitiveKeys, replacement: string): string {
  return text.replace(LINK, (link) =>
    link.replace(PARAMETER, (parameter: string, separator: string, name: string, value: string) => {
      const isHidden = names.isSensitiveInQuery(decode(name)) || hasSecret(value, names)
      // What was replaced already is not replaced in part.
      if (!isHidden || replacement.startsWith(value)) return parameter
      return `${separator}${name}=${replacement}${PUNCTUATION.exec(value)?.[0] ?? ''}`
    }),
  )
}

function hasSecret(value: string, names: SensitiveKeys): boolean {
  let text = value
  for (let nesting = 0; nesting < MAX_NESTING && text.includes('%'); nesting++) {
    text = decode(text)
    for (const [, , name] of `?${text}`.matchAll(PARAMETER)) {
      if (names.isSensitiveInQuery(name as string)) return true
    }
  }
  // Deeper nobody looks.
  return isEncoded(text)
}
