// Runs the detectors of `detectors/index.ts`. The quick checks are derived from the detectors, so that a new detector
// takes part in all of them.
import type { Detector, DetectorContext } from './detectors/detector.js'
import { DETECTORS } from './detectors/index.js'
import { findReplacedParts } from './replaced-parts.js'

/** Detectors of secrets that stand in plain prose. All others need a marker that is rare in prose. */
const PROSE_DETECTORS = DETECTORS.filter(({ markers }) => markers.includes(' '))
const SYNTAX_MARKER = matchAnyOf(DETECTORS.filter((detector) => !PROSE_DETECTORS.includes(detector)))

/** Matches the marker of any detector. Hot path: most texts have none, and are not searched further. */
export const DETECTOR_MARKER = matchAnyOf(DETECTORS)

/**
 * Matches the markers of the secrets that need no syntax around them. Hot path: for texts that have no syntax, such as
 * most URLs and keys.
 */
export const STANDALONE_MARKER = matchAnyOf(DETECTORS.filter(({ standsAlone }) => standsAlone))

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
    if (hasMarker(text, detector.markers)) redacted = runDetector(detector, redacted, context)
  }
  return redacted
}

function runDetector(detector: Detector, text: string, context: DetectorContext): string {
  const redacted = detector.redact(text, context)
  const { onSecret, replacement } = context
  if (redacted !== text && onSecret !== undefined)
    for (const part of findReplacedParts(text, redacted, replacement)) onSecret(part)
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
