// Finds the row of `capability-urls.ts` that a URL belongs to.
import { lazy } from '../../lib/lazy.js'
import { CAPABILITY_URLS, type CapabilityUrl } from './capability-urls.js'

/** One segment of a path of the table: `services`, `*`, `{secret}`, `bot{secret}` or `{secret...}`. */
interface SegmentPattern {
  /** The beginning of the segment, in lower case; all of it, if no secret follows. `undefined` for any segment. */
  readonly literal: string | undefined
  readonly secret: 'none' | 'rest of segment' | 'rest of path'
}

interface HostPattern {
  readonly pattern: RegExp
  /** The label is the secret. */
  readonly isFirstLabelSecret: boolean
  readonly paths: readonly (readonly SegmentPattern[])[]
  readonly parameters: ReadonlySet<string>
}

/** The secrets of a URL of the table. */
export interface Capability {
  readonly isFirstLabelSecret: boolean
  /** The segment with the secret, and how many of its characters stay in front of it. */
  readonly secretSegment:
    | { readonly index: number; readonly start: number; readonly toEnd: boolean }
    | undefined
  /** Names of parameters in lower case. */
  readonly parameters: ReadonlySet<string>
}

/** RFC 1035, section 2.3.4. */
const MAX_HOST_LENGTH = 253

/** The rows by the last two labels of their hosts: `slack.com`. Start-up: most domains are never looked up. */
const HOSTS_BY_DOMAIN: ReadonlyMap<string, () => readonly HostPattern[]> = new Map(
  [...groupByDomain()].map(([domain, rows]) => [domain, lazy(() => rows.map(compileRow))]),
)

interface Row extends CapabilityUrl {
  readonly host: string
}

function groupByDomain(): Map<string, Row[]> {
  const byDomain = new Map<string, Row[]>()
  for (const url of CAPABILITY_URLS) {
    for (const host of url.hosts) {
      const domain = domainOf(host)
      const rows = byDomain.get(domain) ?? []
      byDomain.set(domain, rows)
      rows.push({ ...url, host })
    }
  }
  return byDomain
}

function compileRow({ host, paths, parameters = [] }: Row): HostPattern {
  return {
    pattern: compileHost(host),
    isFirstLabelSecret: host.startsWith('{secret}.'),
    paths: paths.map(compilePath),
    parameters: new Set(parameters),
  }
}

function domainOf(host: string): string {
  return host.slice(host.lastIndexOf('.', host.lastIndexOf('.') - 1) + 1)
}

function compileHost(host: string): RegExp {
  const labels = host.split('.').map((label) => {
    if (label === '*') return String.raw`[\w-]+(?:\.[\w-]+){0,9}`
    return label === '{secret}' ? String.raw`[\w-]+` : label
  })
  return new RegExp(`^${labels.join(String.raw`\.`)}$`)
}

function compilePath(path: string): SegmentPattern[] {
  return path
    .slice(1)
    .split('/')
    .map((segment) => {
      if (segment === '*') return { literal: undefined, secret: 'none' }
      const secret = segment.indexOf('{')
      if (secret === -1) return { literal: segment.toLowerCase(), secret: 'none' }
      return {
        literal: segment.slice(0, secret).toLowerCase(),
        secret: segment.endsWith('...}') ? 'rest of path' : 'rest of segment',
      }
    })
}

/**
 * Whether the host that begins at this index may be in the table; `true` means unknown. Hot path: the only slice is that of
 * the last two labels.
 */
export function mayHaveCapability(url: string, hostStart: number): boolean {
  let lastLabel = hostStart
  let domain = hostStart
  for (let index = hostStart; index < url.length; index++) {
    switch (url.charCodeAt(index)) {
      case DOT:
        domain = lastLabel
        lastLabel = index + 1
        break
      case SLASH:
      case QUESTION_MARK:
      case HASH:
      case COLON:
        return HOSTS_BY_DOMAIN.has(url.slice(domain, index).toLowerCase())
      case AT:
        return true
    }
  }
  return HOSTS_BY_DOMAIN.has(url.slice(domain).toLowerCase())
}

const [DOT, SLASH, QUESTION_MARK, HASH, COLON, AT] = Array.from('./?#:@', (character) =>
  character.charCodeAt(0),
)

/**
 * @param host the host in lower case, without a port
 * @param segments the segments of the path
 */
export function findCapability(host: string, segments: readonly string[]): Capability | undefined {
  if (host.length > MAX_HOST_LENGTH) return undefined
  for (const { pattern, isFirstLabelSecret, paths, parameters } of patternsFor(host)) {
    if (!pattern.test(host)) continue
    const secretSegment = findSecretSegment(paths, segments)
    if (isFirstLabelSecret || secretSegment !== undefined || parameters.size > 0)
      return { isFirstLabelSecret, secretSegment, parameters }
  }
  return undefined
}

/** Servers that people install themselves can have any host. */
const PATTERNS_OF_ANY_HOST = HOSTS_BY_DOMAIN.get('*')?.() ?? []

/** A segment of each path that has a secret at any host, in lower case. */
const WORDS_OF_ANY_HOST: ReadonlySet<string> = new Set(
  PATTERNS_OF_ANY_HOST.flatMap(({ paths }) => paths).map(
    (path) => path.find(({ literal, secret }) => literal !== undefined && secret === 'none')?.literal ?? '',
  ),
)

/** Whether a path may be in the table for any host; `true` means unknown. */
export function mayHaveCapabilityAtAnyHost(segments: readonly string[]): boolean {
  return segments.some((segment) => WORDS_OF_ANY_HOST.has(segment.toLowerCase()))
}

function patternsFor(host: string): readonly HostPattern[] {
  const patterns = HOSTS_BY_DOMAIN.get(domainOf(host))?.()
  return patterns === undefined ? PATTERNS_OF_ANY_HOST : [...patterns, ...PATTERNS_OF_ANY_HOST]
}

function findSecretSegment(
  paths: readonly (readonly SegmentPattern[])[],
  segments: readonly string[],
): Capability['secretSegment'] {
  for (const path of paths) {
    const isMatch = path.every(({ literal, secret }, index) =>
      matchesSegment(literal, secret, segments[index]),
    )
    const { literal = '', secret } = path.at(-1) as SegmentPattern
    if (isMatch && secret !== 'none')
      return { index: path.length - 1, start: literal.length, toEnd: secret === 'rest of path' }
  }
  return undefined
}

function matchesSegment(
  literal: string | undefined,
  secret: SegmentPattern['secret'],
  segment: string | undefined,
): boolean {
  if (segment === undefined) return false
  if (literal === undefined) return segment !== ''
  if (secret === 'none') return segment.length === literal.length && segment.toLowerCase() === literal
  return segment.length > literal.length && segment.slice(0, literal.length).toLowerCase() === literal
}
