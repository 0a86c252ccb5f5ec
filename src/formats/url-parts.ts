import { detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'

/** The parts of an absolute URL, as the URL spells them; only the scheme is in lower case. */
export interface UrlParts {
  readonly scheme: string
  /** An IPv6 address keeps its brackets. */
  readonly host: string
  readonly port: number | undefined
  /** Empty if the URL has none. */
  readonly path: string
  /** Without the leading `?`. Empty if the URL has none. */
  readonly query: string
}

/**
 * The scheme, host and port of a URL with an authority (RFC 3986 appendix B). User information is skipped, and the host
 * must be followed by a path, a query, a fragment or the end.
 */
const URL_ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?(\[[^\]/?#@]*\]|[^:/?#@]*)(?::(\d*))?(?=[/?#]|$)/i
/** Ports have 16 bits (RFC 9293 section 3.1). */
const MAX_PORT = 65_535

interface Origin extends Pick<UrlParts, 'scheme' | 'host' | 'port'> {
  /** The origin as the URL spells it, such as `https://api.example.org:8443`. */
  readonly text: string
}

/** Hot path: consecutive requests mostly have the same host, so the last parsed origin is cached. */
let lastOrigin: Origin | undefined

/**
 * Splits an absolute URL without changing its parts. `new URL` would normalize them (`/assets/../persons` becomes
 * `/persons`), and an audit log must show the URL that the client sent.
 *
 * @returns `undefined` if the text is not an absolute URL, such as a path or a pseudonym
 */
export function splitUrl(url: string): UrlParts | undefined {
  const origin = lastOrigin !== undefined && hasOrigin(url, lastOrigin) ? lastOrigin : parseOrigin(url)
  if (origin === undefined) return undefined
  const { scheme, host, port, text } = origin
  const fragment = url.indexOf('#', text.length)
  const end = fragment === -1 ? url.length : fragment
  const question = url.indexOf('?', text.length)
  const endOfPath = question === -1 || question > end ? end : question
  return { scheme, host, port, path: url.slice(text.length, endOfPath), query: url.slice(endOfPath + 1, end) }
}

/** `false` means unknown. Only `/` or the end may follow: in `http://a.example` the host is not the cached `http://a`. */
function hasOrigin(url: string, { text }: Origin): boolean {
  return url.slice(0, text.length) === text && (url.length === text.length || url[text.length] === '/')
}

function parseOrigin(url: string): Origin | undefined {
  const [text, scheme, host, port] = URL_ORIGIN.exec(url) ?? []
  if (text === undefined || scheme === undefined || host === undefined) return undefined
  const number = port ? Number(port) : undefined
  const origin = {
    text: detachString(text),
    scheme: detachString(scheme.toLowerCase()),
    host: detachString(host),
    port: number !== undefined && number <= MAX_PORT ? number : undefined,
  }
  // Origins with credentials are not cached, so that no secret stays in memory.
  if (text.length <= MAX_CACHED_LENGTH && !text.includes('@')) lastOrigin = origin
  return origin
}
