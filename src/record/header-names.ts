import type { JsonValue } from '../serialize/json-value.js'

/**
 * Headers that say the same in one response after the other (Date does for a second), and never a secret: what was found
 * out of them is worth keeping.
 */
export const STABLE_HEADERS: ReadonlySet<string> = new Set([
  ...['date', 'connection', 'keep-alive', 'transfer-encoding', 'server', 'x-powered-by'],
  ...['content-type', 'content-encoding', 'cache-control', 'vary', 'access-control-allow-origin'],
  // Of helmet's, those that have no nonce in them.
  ...['strict-transport-security', 'x-content-type-options', 'x-frame-options', 'x-xss-protection'],
  ...['referrer-policy', 'origin-agent-cluster', 'x-dns-prefetch-control', 'x-download-options'],
  ...['cross-origin-opener-policy', 'cross-origin-resource-policy', 'x-permitted-cross-domain-policies'],
])

/** Headers that a developer describes may be anything. */
export function headerToText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
