// Runs the detectors of `detectors/index.ts`. The quick checks are derived from the detectors, so that a new detector
// takes part in all of them.
import { escapePattern } from '../../lib/escape-pattern.js'
import type { Detector, DetectorContext } from '../detectors/detector.js'
import { DETECTORS } from '../detectors/index.js'
import { hasLongNumber, hasLongWord } from './long-runs.js'
import { findReplacedParts } from './replaced-parts.js'

const STANDALONE_DETECTORS = DETECTORS.filter(({ standsAlone }) => standsAlone)
const NAMED_DETECTORS = DETECTORS.filter(({ standsAlone }) => !standsAlone)
/** Detectors of secrets that stand in plain prose. All others need a marker that is rare in prose. */
const PROSE_DETECTORS = NAMED_DETECTORS.filter(({ markers }) => hasMarker(' ', markers))
const SYNTAX_MARKER = matchAnyOf(NAMED_DETECTORS.filter((detector) => !PROSE_DETECTORS.includes(detector)))
const NAMED_MARKER = matchAnyOf(NAMED_DETECTORS)

/** The detectors by the sum of what a text may have. Hot path: most texts need few of them. */
const STANDALONE = 1
const SYNTAX = 2
const NAME = 4
const CANDIDATES = Array.from({ length: 8 }, (_, has) =>
  DETECTORS.filter((detector) => {
    if (detector.standsAlone) return (has & STANDALONE) !== 0
    if (detector.needsName && (has & NAME) === 0) return false
    return (has & SYNTAX) !== 0 || PROSE_DETECTORS.includes(detector)
  }),
)

/** Whether a detector may find a secret in a text. Hot path: most texts have none, and are not searched further. */
export function mayHaveSecret(text: string): boolean {
  return NAMED_MARKER.test(text) || mayHaveStandaloneSecret(text)
}

/**
 * Whether a text may have a secret that needs no syntax around it. Hot path: for texts that have no syntax, such as most
 * URLs and keys.
 */
export function mayHaveStandaloneSecret(text: string): boolean {
  if (!hasLongWord(text) && !hasLongNumber(text)) return false
  for (const { markers } of STANDALONE_DETECTORS) if (hasMarker(text, markers)) return true
  return false
}

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
  const mayStandAlone = mayHaveStandaloneSecret(text)
  if ((!mayStandAlone && !NAMED_MARKER.test(text)) || TIMESTAMP.test(text)) return text
  const has =
    (mayStandAlone ? STANDALONE : 0) +
    (SYNTAX_MARKER.test(text) ? SYNTAX : 0) +
    (context.sensitiveKeys.mayOccurIn(text) ? NAME : 0)
  let redacted = text
  for (const detector of CANDIDATES[has] as readonly Detector[])
    if (hasMarker(text, detector.markers)) redacted = runDetector(detector, redacted, context)
  return redacted
}

function runDetector(detector: Detector, text: string, context: DetectorContext): string {
  const redacted = detector.redact(text, context)
  const { onSecret, replacement } = context
  if (redacted !== text && onSecret !== undefined)
    for (const part of findReplacedParts(text, redacted, replacement)) onSecret(part)
  return redacted
}

function hasMarker(text: string, markers: Detector['markers']): boolean {
  if (typeof markers === 'function') return markers(text)
  if (markers instanceof RegExp) return markers.test(text)
  for (const marker of markers) if (text.includes(marker)) return true
  return false
}

/**
 * Composes a pattern of the markers. Leaves out a marker that contains another: `name=` besides `=`. Only detectors of
 * secrets that stand alone have functions.
 */
function matchAnyOf(detectors: readonly Detector[]): RegExp {
  const patterns = detectors.flatMap(({ markers }) => (markers instanceof RegExp ? markers.source : []))
  const texts = detectors.flatMap(({ markers }) =>
    Array.isArray(markers) ? (markers as readonly string[]) : [],
  )
  const markers = [...new Set(texts)]
  const shortest = markers.filter(
    (marker) => !markers.some((other) => other !== marker && marker.includes(other)),
  )
  const escaped = shortest.map(escapePattern)
  // Single characters first: V8 compiles neighbours among them to one character class.
  return new RegExp([...escaped.sort((a, b) => a.length - b.length), ...patterns].join('|'))
}
