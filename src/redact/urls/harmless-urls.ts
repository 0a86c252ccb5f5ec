import { detachString, MAX_CACHED_LENGTH } from '../../lib/bounded-cache.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { hasHarmlessParameters, isKnownHarmless } from './redact-url.js'

/** Path and query without escapes. */
const PLAIN_TARGET = /^[\w.~/-]*(?:\?[\w.=&-]*)?$/
/** Long enough for a secret that stands alone: `MIN_STANDALONE_LENGTH` of `detector.ts`. */
const LONG_WORD = /[\w.~-]{16}/

/**
 * Creates a check for the URLs of requests, `false` means unknown. Hot path: most requests of an application have the same
 * origin, so the last one that was found to be harmless is remembered, and only path and query are looked at.
 */
export function createHarmlessUrlCheck(sensitiveKeys: SensitiveKeys): (url: string) => boolean {
  let harmlessOrigin = ''
  return (url) => {
    const { length } = harmlessOrigin
    if (length > 0 && url.charCodeAt(length) === SLASH && url.startsWith(harmlessOrigin)) {
      const target = url.slice(length)
      if (isPlain(target) && hasHarmlessParameters(target, sensitiveKeys)) return true
    }
    if (!isKnownHarmless(url, sensitiveKeys)) return false
    const origin = url.slice(0, url.indexOf('/', url.indexOf('//') + 2))
    if (origin.length <= MAX_CACHED_LENGTH) harmlessOrigin = detachString(origin)
    return true
  }
}

const SLASH = '/'.charCodeAt(0)

function isPlain(target: string): boolean {
  return PLAIN_TARGET.test(target) && !target.includes('//') && !LONG_WORD.test(target)
}
