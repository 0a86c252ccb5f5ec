import type { JsonValue } from '../serialize/json-value.js'

/**
 * Response headers whose values repeat from one response to the next (`Date` within a second) and are never secret, so that
 * results computed from them can be cached.
 */
export const STABLE_HEADERS: ReadonlySet<string> = new Set([
  ...['date', 'connection', 'keep-alive', 'transfer-encoding', 'server', 'x-powered-by'],
  ...['content-type', 'content-encoding', 'cache-control', 'vary', 'access-control-allow-origin'],
  // The headers that helmet sets, except those that can contain a nonce.
  ...['strict-transport-security', 'x-content-type-options', 'x-frame-options', 'x-xss-protection'],
  ...['referrer-policy', 'origin-agent-cluster', 'x-dns-prefetch-control', 'x-download-options'],
  ...['cross-origin-opener-policy', 'cross-origin-resource-policy', 'x-permitted-cross-domain-policies'],
])

/** Whether other responses are likely to have the same value, which is no secret. A policy with a nonce is new in each response. */
export function isRepeatedHeader(name: string, value: string): boolean {
  return STABLE_HEADERS.has(name) || (name === 'content-security-policy' && !value.includes("'nonce-"))
}

/**
 * Response headers that tell browsers how to treat every response of an application. They say nothing about the request that
 * was answered, and most applications send the same ones each time: those of helmet (https://helmetjs.github.io/), their
 * variants that only report, and where browsers report to.
 */
export const BROWSER_POLICY_HEADERS: ReadonlySet<string> = new Set([
  ...['content-security-policy', 'content-security-policy-report-only', 'permissions-policy'],
  ...['permissions-policy-report-only', 'document-policy', 'document-policy-report-only', 'feature-policy'],
  ...['cross-origin-embedder-policy', 'cross-origin-embedder-policy-report-only', 'origin-agent-cluster'],
  ...['cross-origin-opener-policy', 'cross-origin-opener-policy-report-only', 'cross-origin-resource-policy'],
  ...[
    'referrer-policy',
    'strict-transport-security',
    'expect-ct',
    'x-content-type-options',
    'x-frame-options',
  ],
  ...[
    'x-dns-prefetch-control',
    'x-download-options',
    'x-permitted-cross-domain-policies',
    'x-xss-protection',
  ],
  ...['report-to', 'reporting-endpoints', 'nel'],
])

/** Returns a header value as a string, since `setHttpResponse` accepts any JSON as the value of a header. */
export function headerToText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
