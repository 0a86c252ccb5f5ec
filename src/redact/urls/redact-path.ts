// Redacts secrets in the path of a URL: capability URLs of vendors, and segments such as that behind `/reset-password/`.
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { MAX_NAMES } from '../limits.js'
import { looksRandom } from '../texts/looks-random.js'
import type { TextContext } from '../texts/text-context.js'
import { decodeUrlText } from './decode-url.js'
import {
  type Capability,
  findCapability,
  mayHaveCapability,
  mayHaveCapabilityAtAnyHost,
} from './find-capability.js'
import { reportSecret } from './report-secret.js'
import { countSecretSegmentsBehind, MAX_SEGMENTS_BEHIND_WORD } from './secret-path-words.js'

/** `scheme://user:password@host:8080` with the parts up to and behind the host. */
const ORIGIN =
  /^((?:[a-z][a-z0-9+.-]{0,30}:)?\/\/(?:[^/?#@]{0,300}@)?)([\w.-]{0,253})((?::\d{0,5})?)(?=[/?#]|$)/i
/** A segment that is long enough for `looksRandom`. Hot path: most paths have none. */
const LONG_SEGMENT = /\/[^/?#=&]{16}/

export interface RedactedPath {
  readonly url: string
  /** Names of parameters, in lower case, that are sensitive at this host. */
  readonly parameters: ReadonlySet<string> | undefined
}

/** Escapes, matrix parameters, tickets in brackets, and the fragment, in which there may be a path as well. */
const UNUSUAL_PATH = /[%;#(]/

/** Hot path: whether the path has to be redacted; `true` means unknown. */
export function mayHaveSecretInPath(url: string, sensitiveKeys: SensitiveKeys): boolean {
  const slashes = url.indexOf('//')
  if (slashes !== -1 && mayHaveCapability(url, slashes + 2)) return true
  if (!LONG_SEGMENT.test(url)) return false
  if (UNUSUAL_PATH.test(url)) return true
  const names = url.slice(0, findEnd(url, 0)).split('/', MAX_NAMES)
  if (names.length === MAX_NAMES || mayHaveCapabilityAtAnyHost(names)) return true
  return findSecretNames(names, sensitiveKeys).length > 0
}

/** The names of parameters, in lower case, that are sensitive at the host of a URL. */
export function findHostParameters(url: string): ReadonlySet<string> | undefined {
  const host = ORIGIN.exec(url)?.[2]
  return host === undefined ? undefined : findCapability(host.toLowerCase(), [])?.parameters
}

/**
 * Redacts the host and the path of a URL, and the path in its fragment (`#/reset/...`), which many applications route by.
 *
 * @returns `undefined` if nothing was redacted and the host makes no parameter sensitive
 */
export function redactPath(url: string, context: TextContext): RedactedPath | undefined {
  if (!mayHaveSecretInPath(url, context.sensitiveKeys)) return undefined
  const [, beforeHost = '', host = '', port = ''] = ORIGIN.exec(url) ?? []
  const start = beforeHost.length + host.length + port.length
  const end = findEnd(url, start)
  const segments = url.slice(start, end).split('/')
  const capability = host === '' ? undefined : findCapability(host.toLowerCase(), segments.slice(1))
  if (capability?.secretSegment !== undefined) hideCapability(segments, capability.secretSegment, context)
  hideSecretSegments(segments, context)
  const redactedHost = capability?.isFirstLabelSecret ? hideFirstLabel(host, context) : host
  const origin = `${beforeHost}${redactedHost}${port}`
  const redacted = `${origin}${segments.join('/')}${redactRoute(url.slice(end), context)}`
  if (redacted === url && capability === undefined) return undefined
  return { url: redacted, parameters: capability?.parameters }
}

function findEnd(url: string, start: number): number {
  for (let index = start; index < url.length; index++)
    if (url[index] === '?' || url[index] === '#') return index
  return url.length
}

function hideFirstLabel(host: string, context: TextContext): string {
  const dot = host.indexOf('.')
  reportSecret(host.slice(0, dot), context)
  return `${context.replacement}${host.slice(dot)}`
}

/** Changes the list. */
function hideCapability(
  segments: string[],
  { index, start, toEnd }: NonNullable<Capability['secretSegment']>,
  context: TextContext,
): void {
  // The path begins with a slash, so the first item is empty.
  const position = index + 1
  const hidden = toEnd ? segments.splice(position + 1) : []
  const segment = segments[position] as string
  // The file at the end of a calendar is no part of the secret.
  const extension = /\.(?:ics|json)$/.exec(segment)?.[0] ?? ''
  const secret = segment.slice(start, segment.length - extension.length)
  for (const part of [secret, ...hidden]) reportSecret(part, context)
  segments[position] = `${segment.slice(0, start)}${context.replacement}${extension}`
}

/** Changes the list. Hides segments that look random behind a segment such as `reset-password`. */
function hideSecretSegments(segments: string[], context: TextContext): void {
  // The rest of a path with more segments is hidden.
  if (segments.length > MAX_NAMES) segments.splice(MAX_NAMES, segments.length, context.replacement)
  hideCookielessTickets(segments, context)
  for (const index of findSecretNames(segments.map(nameOf), context.sensitiveKeys)) {
    const segment = segments[index] as string
    const secret = segment.split(';', 1)[0] as string
    reportSecret(secret, context)
    segments[index] = `${context.replacement}${segment.slice(secret.length)}`
  }
}

/** ASP.NET without cookies: `/app/(S(<session>)F(<login>))/home.aspx`. https://learn.microsoft.com/dotnet/api/system.web.configuration.sessionstatesection.cookieless */
const COOKIELESS_TICKETS = /^\((?:[A-Z]\([\w-]{1,500}\)){1,4}\)$/

function hideCookielessTickets(segments: string[], context: TextContext): void {
  for (const [index, segment] of segments.entries()) {
    if (!segment.startsWith('(') || !COOKIELESS_TICKETS.test(segment)) continue
    reportSecret(segment, context)
    segments[index] = context.replacement
  }
}

/** Returns the indexes of names that look random and are behind a secret word. */
function findSecretNames(names: readonly string[], sensitiveKeys: SensitiveKeys): readonly number[] {
  const found: number[] = []
  for (const [index, name] of names.entries())
    if (looksRandom(name) && isBehindSecretWord(names, index, sensitiveKeys)) found.push(index)
  return found
}

/** A segment without its matrix parameters, which `;` begins. */
function nameOf(segment: string): string {
  const decoded = segment.includes('%') ? decodeUrlText(segment) : segment
  return decoded.includes(';') ? (decoded.split(';', 1)[0] as string) : decoded
}

function isBehindSecretWord(names: readonly string[], index: number, sensitiveKeys: SensitiveKeys): boolean {
  for (let distance = 1; distance <= Math.min(index, MAX_SEGMENTS_BEHIND_WORD); distance++) {
    const name = names[index - distance] as string
    if (!looksRandom(name) && countSecretSegmentsBehind(name, sensitiveKeys) >= distance) return true
  }
  return false
}

const ROUTE_IN_FRAGMENT = /#!?(\/[^?#]*)/

function redactRoute(queryAndFragment: string, context: TextContext): string {
  const match = ROUTE_IN_FRAGMENT.exec(queryAndFragment)
  if (match === null) return queryAndFragment
  const [whole, route] = match as unknown as [string, string]
  const segments = route.split('/')
  hideSecretSegments(segments, context)
  const start = match.index + whole.length - route.length
  const end = match.index + whole.length
  return `${queryAndFragment.slice(0, start)}${segments.join('/')}${queryAndFragment.slice(end)}`
}
