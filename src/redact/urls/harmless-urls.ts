import { detachString } from '../../lib/bounded-cache.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { MIN_RUN_LENGTH } from '../texts/long-runs.js'
import { mayHaveStandaloneSecret } from '../texts/run-detectors.js'
import { mayHaveSecretInPath } from './redact-path.js'
import { hasHarmlessParameters, isHarmlessParameter, isKnownHarmless } from './redact-url.js'

/** Path and query without escapes. */
const PLAIN_TARGET = /^[\w.~/-]*(?:\?[\w.=&-]*)?$/

/** A plain target of shorter words has neither a key, a number nor a path segment that may be a secret. */
const SHORT = `{0,${MIN_RUN_LENGTH - 1}}`
const PARAMETER = String.raw`[\w.-]${SHORT}=[\w.-]${SHORT}`
const SHORT_TARGET = new RegExp(
  String.raw`^(?:\/[\w.~-]${SHORT.replace('0', '1')})*\/?(?:\?${PARAMETER}(?:&${PARAMETER})*)?$`,
)

/**
 * Creates a check for the URLs of requests, by origin and target. `true` means that it has no secret and no character that JSON
 * escapes, `false` means unknown. Hot path: most requests of an application have the same origin, so the last one that was found to
 * be harmless is remembered, and only path and query are looked at. The result is that of {@link isKnownHarmless}: earlier
 * questions never change it.
 */
export function createPlainUrlCheck(
  sensitiveKeys: SensitiveKeys,
): (origin: string, target: string) => boolean {
  const isHarmlessName = createNameCheck(sensitiveKeys)
  let harmlessOrigin = ''

  function isHarmlessTarget(target: string): boolean {
    if (SHORT_TARGET.test(target)) return haveHarmlessNames(target, isHarmlessName)
    if (!PLAIN_TARGET.test(target) || target.includes('//')) return false
    if (mayHaveSecretInPath(target, sensitiveKeys) || mayHaveStandaloneSecret(target)) return false
    return hasHarmlessParameters(target, sensitiveKeys)
  }

  return (origin, target) => {
    if (!isHarmlessTarget(target)) return false
    if (origin === harmlessOrigin && origin !== '') return true
    if (origin === '' || !isKnownHarmless(`${origin}/`, sensitiveKeys)) return false
    harmlessOrigin = origin
    return true
  }
}

/** As {@link createPlainUrlCheck}, for whole URLs. `false` means unknown. */
export function createHarmlessUrlCheck(sensitiveKeys: SensitiveKeys): (url: string) => boolean {
  const isPlainUrl = createPlainUrlCheck(sensitiveKeys)
  return (url) => {
    const start = url.indexOf('/', url.indexOf('//') + 2)
    return (
      (start !== -1 && isPlainUrl(url.slice(0, start), url.slice(start))) ||
      isKnownHarmless(url, sensitiveKeys)
    )
  }
}

/** Whether no parameter of a target that matches {@link SHORT_TARGET} is sensitive. */
function haveHarmlessNames(target: string, isHarmlessName: (name: string) => boolean): boolean {
  for (let start = target.indexOf('?') + 1; start > 0; ) {
    const equals = target.indexOf('=', start)
    if (!isHarmlessName(target.slice(start, equals))) return false
    start = target.indexOf('&', equals) + 1
  }
  return true
}

const MAX_REMEMBERED_NAMES = 200

/**
 * Whether a parameter of a request is harmless, whatever its value is. The first names that were asked for are remembered. None is
 * forgotten, so that clients who make up names cannot slow down the others.
 */
function createNameCheck(sensitiveKeys: SensitiveKeys): (name: string) => boolean {
  const harmless = new Set<string>()
  /** Hot path: comparing is faster than looking up. */
  let last = ''
  return (name) => {
    if (name === last) return true
    if (!harmless.has(name)) {
      if (!isHarmlessParameter(name, sensitiveKeys)) return false
      if (harmless.size < MAX_REMEMBERED_NAMES) harmless.add(detachString(name))
    }
    last = name
    return true
  }
}
