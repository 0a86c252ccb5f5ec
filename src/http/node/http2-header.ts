/** Node's `respond` throws if one of these headers has several values (`kSingleValueFields`, internal/http2/util.js). */
const SINGLE_VALUE_HEADERS = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
])

/** Node rejects these only in `respond`: the status, pseudo-headers, and lists for headers with a single value. */
export function isValidHeader(headers: Readonly<Record<string, unknown>>): boolean {
  const status = Number(headers[':status'] ?? 200)
  if (!(status >= 200 && status <= 599)) return false
  for (const name in headers) {
    if (name.startsWith(':') && name !== ':status') return false
    const value = headers[name]
    if (Array.isArray(value) && value.length > 1 && SINGLE_VALUE_HEADERS.has(name)) return false
  }
  return true
}
