// The detectors, in the order in which they run. To add a shape of secret, add a file and a line in the list.
import { authorizationCredentials } from './authorization-credentials.js'
import type { Detector, DetectorContext } from './detector.js'
import { formData } from './form-data.js'
import { headerLines } from './header-lines.js'
import { jsonWebToken } from './json-web-token.js'
import { links } from './links.js'
import { markupElements } from './markup-elements.js'
import { markupTags } from './markup-tags.js'
import { namedCredentials } from './named-credentials.js'
import { namedValues } from './named-values.js'
import { privateKey } from './private-key.js'
import { urlUserInfo } from './url-user-info.js'
import { yamlBlocks } from './yaml-blocks.js'

/**
 * Each detector sees the text as the earlier ones left it, so the order matters: the shape that takes the whole text is
 * first; then shapes that need no name; then values with a syntax of their own (URLs, forms, markup, blocks and lines),
 * because the general rule for `name=value` would end them at the first separator; and last the credentials that no name
 * precedes.
 */
export const DETECTORS: readonly Detector[] = [
  privateKey,
  jsonWebToken,
  urlUserInfo,
  links,
  formData,
  markupTags,
  markupElements,
  yamlBlocks,
  headerLines,
  namedValues,
  namedCredentials,
  authorizationCredentials,
]

/** Detectors of secrets that stand in plain prose. All others need a marker that is rare in prose. */
const PROSE_DETECTORS = DETECTORS.filter(({ markers }) => markers.includes(' '))
const SYNTAX_MARKER = matchAnyOf(DETECTORS.filter((detector) => !PROSE_DETECTORS.includes(detector)))

/** Matches the marker of any detector. Hot path: most texts have none, and are not searched further. */
export const DETECTOR_MARKER = matchAnyOf(DETECTORS)

/** Hot path: the colons of an RFC 3339 time look like those behind a name. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?$/

/**
 * Replaces the secrets that can be recognized by their shape, at any place in the text. Linear in the length of the text.
 *
 * @example
 * runDetectors('Login failed: {"password":"geheim"}', { sensitiveKeys, replacement: '[REDACTED]' })
 * // 'Login failed: {"password":"[REDACTED]"}'
 */
export function runDetectors(text: string, context: DetectorContext): string {
  if (!DETECTOR_MARKER.test(text) || TIMESTAMP.test(text)) return text
  const detectors = SYNTAX_MARKER.test(text) ? DETECTORS : PROSE_DETECTORS
  let redacted = text
  for (const detector of detectors) {
    if (hasMarker(text, detector.markers)) redacted = detector.redact(redacted, context)
  }
  return redacted
}

function hasMarker(text: string, markers: readonly string[]): boolean {
  for (const marker of markers) if (text.includes(marker)) return true
  return false
}

/** Composes a pattern of the markers. Leaves out a marker that contains another: `name=` besides `=`. */
function matchAnyOf(detectors: readonly Detector[]): RegExp {
  const markers = [...new Set(detectors.flatMap((detector) => detector.markers))]
  const shortest = markers.filter(
    (marker) => !markers.some((other) => other !== marker && marker.includes(other)),
  )
  const escaped = shortest.map((marker) => marker.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  // Single characters first: V8 compiles neighbours among them to one character class.
  return new RegExp(escaped.sort((a, b) => a.length - b.length).join('|'))
}
