// Headers that have URLs or credentials at known places, by their name in lower case.
import type { TextContext } from '../texts/text-context.js'

type RedactHeaderValue = (value: string, context: TextContext) => string

/** RFC 8288, section 3: `<url>; rel="next", <url>; rel="last"`. */
const LINK_TARGET = /<([^<>]*)>/g
/** `5; url=...`, as browsers read it: https://html.spec.whatwg.org/multipage/document-lifecycle.html#shared-declarative-refresh-steps */
const REFRESH = /^([\s\d.]{0,20}[;,]?\s{0,10}(?:url\s{0,10}=\s{0,10})?)(["']?)(.*)$/is
/** A scheme with one token, `Negotiate oYG2...`: the steps of Kerberos and NTLM prove who sends them (RFC 4559). */
const CHALLENGE_TOKEN = /(^|,[ \t]{0,5})([\w-]{1,40})[ \t]{1,5}[\w.~+/-]{16,}={0,2}(?=[ \t]{0,5}(?:,|$))/g

/** The whole value is a URL (RFC 9110; `sourcemap` is defined by ECMA-426). */
const redactAsUrl: RedactHeaderValue = (value, context) => context.redactUrl(value)

function redactLink(value: string, context: TextContext): string {
  const redacted = value.replace(LINK_TARGET, (_target, url: string) => `<${context.redactUrl(url)}>`)
  return context.redactText(redacted)
}

function redactRefresh(value: string, context: TextContext): string {
  const [, beforeUrl = '', quote = '', rest = ''] = REFRESH.exec(value) ?? []
  const end = quote === '' ? -1 : rest.lastIndexOf(quote)
  const url = end === -1 ? rest : rest.slice(0, end)
  return `${beforeUrl}${quote}${context.redactUrl(url)}${end === -1 ? '' : rest.slice(end)}`
}

/** In front of a directive, because a URL in the directive before may have a `;` that should have been escaped. */
const DIRECTIVE_SEPARATOR = /;(?=[ \t]{0,20}[a-z-]{6,40}(?:[\s;]|$))/

/** Content Security Policy: a directive may begin without a blank, `report-uri /csp?token=S;default-src 'self'`. */
function redactPolicy(value: string, context: TextContext): string {
  return value
    .split(DIRECTIVE_SEPARATOR)
    .map((directive) => context.redactText(directive))
    .join(';')
}

/** https://www.w3.org/TR/reporting-1/#header: `default="https://..."`. */
function redactEndpoints(value: string, context: TextContext): string {
  const redacted = value.replace(/"([^"]*)"/g, (_quoted, url: string) => `"${context.redactUrl(url)}"`)
  return context.redactText(redacted)
}

/** A challenge (RFC 9110, section 11.6.1) shows what the client must send, and has no credentials but a token. */
function redactChallenge(value: string, { replacement }: TextContext): string {
  return value.replace(
    CHALLENGE_TOKEN,
    (_challenge, separator, scheme) => `${separator}${scheme} ${replacement}`,
  )
}

export const STRUCTURED_HEADERS: ReadonlyMap<string, RedactHeaderValue> = new Map([
  ...['location', 'content-location', 'referer', 'sourcemap', 'x-sourcemap', 'origin'].map(
    (name) => [name, redactAsUrl] as const,
  ),
  ['link', redactLink],
  ['refresh', redactRefresh],
  ['content-security-policy', redactPolicy],
  ['content-security-policy-report-only', redactPolicy],
  ['reporting-endpoints', redactEndpoints],
  ['www-authenticate', redactChallenge],
  ['proxy-authenticate', redactChallenge],
])
