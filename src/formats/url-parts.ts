/** The parts of an absolute URL, as they stand in it. */
export interface UrlParts {
  readonly scheme: string
  /** An IPv6 address has its brackets. */
  readonly host: string
  readonly port: number | undefined
  readonly path: string
  /** Without its `?`. Where there is none, and none of a path, it is empty. */
  readonly query: string
}

/** RFC 3986 appendix B, of URLs that have an authority. User info is left out. */
const PARTS =
  /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?(\[[^\]/?#@]*\]|[^:/?#@]*)(?::(\d*))?(\/[^?#]*)?(?:\?([^#]*))?(?:#.*)?$/is
/** Ports are 16 bits long (RFC 9293 section 3.1). */
const MAX_PORT = 65_535

/**
 * Not by `new URL`, which resolves `/assets/../persons` and encodes anew: what was asked for is what an audit shows.
 *
 * @returns `undefined` of what is no such URL: a pseudonym, say
 */
export function urlParts(url: string): UrlParts | undefined {
  const [, scheme, host, port, path, query] = PARTS.exec(url) ?? []
  if (scheme === undefined || host === undefined) return undefined
  const number = port ? Number(port) : undefined
  return {
    scheme: scheme.toLowerCase(),
    host,
    port: number !== undefined && number <= MAX_PORT ? number : undefined,
    path: path ?? '',
    query: query ?? '',
  }
}
