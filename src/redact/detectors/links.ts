import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { containsEncodedSyntax, decodeUrlText, MAX_NESTING } from '../urls/decode-url.js'
import type { Detector, DetectorContext } from './detector.js'

const ABSOLUTE_START = String.raw`\bhttps?://`
/** In an attribute of HTML the URL may be relative. */
const ATTRIBUTE_START = String.raw`\b(?:href|src|action|formaction|url)[ \t]{0,3}=[ \t]{0,3}["']`
const LINK = new RegExp(`(?:${ABSOLUTE_START}|${ATTRIBUTE_START})[^\\s"'<>\\\\\`]+`, 'gi')
/** A value may contain `?` and `;`, unless another parameter begins there. HTML writes `&` as `&amp;`. */
const PARAMETER = /([?&#;])([^=?&#;]{1,100})=((?:[^?&#;]+|[?;](?![\w.[\]%-]{1,100}=))+)/g
/** Belongs to the sentence, not to the URL. */
const TRAILING_PUNCTUATION = /[.,:)]{0,3}$/

export const links: Detector = {
  id: 'links',
  secret: 'Sensitive query and fragment parameters of URLs within a text or within HTML',
  reason:
    'Links in mails, redirects and signed downloads act with the rights of the person for whom they were made',
  visible: 'The URL, the names of its parameters and the values of the others',
  sources: [
    'https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2',
    'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html',
  ],
  examples: [
    [
      'See https://example.org/cb?code=abcdef&lang=nl.',
      'See https://example.org/cb?code=[REDACTED]&lang=nl.',
    ],
    ['<form action="/cb?code=abcdef">', '<form action="/cb?code=[REDACTED]">'],
    ['See https://h/?next=%2Fcb%3Fcode%3Dabcdef', 'See https://h/?next=[REDACTED]'],
    ['See https://h/persons?page=2&sort=name.', 'See https://h/persons?page=2&sort=name.'],
  ],
  markers: ['='],
  redact: (text, context) => text.replace(LINK, (link) => redactLinkParameters(link, context)),
}

function redactLinkParameters(link: string, { sensitiveKeys, replacement }: DetectorContext): string {
  return link.replace(PARAMETER, (parameter: string, separator: string, name: string, value: string) => {
    const isSensitive =
      sensitiveKeys.isSensitiveInQuery(decodeUrlText(name)) || hasNestedSecret(value, sensitiveKeys)
    // An earlier detector has replaced the value, and the pattern may see only its beginning.
    if (!isSensitive || replacement.startsWith(value)) return parameter
    return `${separator}${name}=${replacement}${TRAILING_PUNCTUATION.exec(value)?.[0] ?? ''}`
  })
}

/** Whether a value is an encoded URL with a sensitive parameter, or is still encoded after {@link MAX_NESTING} rounds. */
function hasNestedSecret(value: string, sensitiveKeys: SensitiveKeys): boolean {
  let text = value
  for (let nesting = 0; nesting < MAX_NESTING && text.includes('%'); nesting++) {
    text = decodeUrlText(text)
    for (const [, , name] of `?${text}`.matchAll(PARAMETER)) {
      if (sensitiveKeys.isSensitiveInQuery(name as string)) return true
    }
  }
  return containsEncodedSyntax(text)
}
