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

/** Returns a header value as a string, since `setHttpResponse` accepts any JSON as the value of a header. */
export function headerToText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
