import { detachString, MAX_CACHED_LENGTH } from '../../lib/bounded-cache.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { MIN_RUN_LENGTH } from '../texts/long-runs.js'
import { mayHaveStandaloneSecret } from '../texts/run-detectors.js'
import { mayHaveSecretInPath } from './redact-path.js'
import { hasHarmlessParameters, isKnownHarmless } from './redact-url.js'

/** Path and query without escapes. */
const PLAIN_TARGET = /^[\w.~/-]*(?:\?[\w.=&-]*)?$/

/** Hot path: a plain target of shorter words has neither a key, a number nor a path segment that may be a secret. */
const LONG_WORD = new RegExp(String.raw`[\w.~-]{${MIN_RUN_LENGTH}}`)

/**
 * Creates a check for the URLs of requests, `false` means unknown. Hot path: most requests of an application have the same
 * origin, so the last one that was found to be harmless is remembered, and only path and query are looked at. The result is
 * that of {@link isKnownHarmless} without the origin: earlier questions never change it.
 */
export function createHarmlessUrlCheck(sensitiveKeys: SensitiveKeys): (url: string) => boolean {
  let harmlessOrigin = ''
  return (url) => {
    const { length } = harmlessOrigin
    if (length > 0 && url.charCodeAt(length) === SLASH && url.startsWith(harmlessOrigin)) {
      const target = url.slice(length)
      if (isPlain(target, sensitiveKeys) && hasHarmlessParameters(target, sensitiveKeys)) return true
    }
    if (!isKnownHarmless(url, sensitiveKeys)) return false
    const origin = url.slice(0, url.indexOf('/', url.indexOf('//') + 2))
    if (origin.length <= MAX_CACHED_LENGTH) harmlessOrigin = detachString(origin)
    return true
  }
}

const SLASH = '/'.charCodeAt(0)

function isPlain(target: string, sensitiveKeys: SensitiveKeys): boolean {
  if (!PLAIN_TARGET.test(target) || target.includes('//')) return false
  if (!LONG_WORD.test(target)) return true
  return !mayHaveSecretInPath(target, sensitiveKeys) && !mayHaveStandaloneSecret(target)
}
