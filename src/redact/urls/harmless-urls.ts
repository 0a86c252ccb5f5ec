import { detachString, MAX_CACHED_LENGTH } from '../../lib/bounded-cache.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { MIN_RUN_LENGTH } from '../texts/long-runs.js'
import { mayHaveStandaloneSecret } from '../texts/run-detectors.js'
import { mayHaveSecretInPath } from './redact-path.js'
import { hasHarmlessParameters, isHarmlessParameter, isKnownHarmless } from './redact-url.js'

/** Path and query without escapes. */
const PLAIN_TARGET = /^[\w.~/-]*(?:\?[\w.=&-]*)?$/

/** A plain target of shorter words has neither a key, a number nor a path segment that may be a secret. */
const UP_TO_SHORT = `{0,${MIN_RUN_LENGTH - 1}}`
const SEGMENT = String.raw`\/[\w.~-]{1,${MIN_RUN_LENGTH - 1}}`
const PARAMETER = String.raw`[\w.-]${UP_TO_SHORT}=[\w.-]${UP_TO_SHORT}`
const SHORT_TARGET = new RegExp(String.raw`^(?:${SEGMENT})*\/?(?:\?${PARAMETER}(?:&${PARAMETER})*)?$`)
/** Longer ones are left to {@link isKnownHarmless}. */
const MAX_TARGET_LENGTH = 2048

/** Without it a text like `/reset/…` could be taken for an origin and a target, and the target alone would look harmless. */
const ORIGIN = /^https?:\/\/[\w.-]+(?::\d+)?$/i

/**
 * Creates a check for the URLs of requests, by origin and target. `true` means that it has no secret and no character that JSON
 * escapes, `false` means unknown. Hot path: most requests of an application have the same origin, so the last one that was found to
 * be harmless is remembered, and only path and query are looked at. Earlier questions never change the result.
 */
export function createPlainUrlCheck(
  sensitiveKeys: SensitiveKeys,
): (origin: string, target: string) => boolean {
  const isHarmlessName = createNameCheck(sensitiveKeys)
  let harmlessOrigin: string | undefined

  function isHarmlessTarget(target: string): boolean {
    if (target.length > MAX_TARGET_LENGTH) return false
    if (SHORT_TARGET.test(target)) return haveHarmlessNames(target, isHarmlessName)
    if (!PLAIN_TARGET.test(target) || target.includes('//')) return false
    if (mayHaveSecretInPath(target, sensitiveKeys) || mayHaveStandaloneSecret(target)) return false
    return hasHarmlessParameters(target, sensitiveKeys)
  }

  function isHarmlessOrigin(origin: string): boolean {
    if (origin === harmlessOrigin) return true
    if (origin.length > MAX_CACHED_LENGTH || !ORIGIN.test(origin)) return false
    if (!isKnownHarmless(`${origin}/`, sensitiveKeys)) return false
    harmlessOrigin = detachString(origin)
    return true
  }

  return (origin, target) => isHarmlessTarget(target) && isHarmlessOrigin(origin)
}

/** As {@link createPlainUrlCheck}, for whole URLs. `false` means unknown. */
export function createHarmlessUrlCheck(sensitiveKeys: SensitiveKeys): (url: string) => boolean {
  const isPlainUrl = createPlainUrlCheck(sensitiveKeys)
  return (url) => {
    const path = url.indexOf('/', url.indexOf('//') + 2)
    const isPlain = path !== -1 && isPlainUrl(url.slice(0, path), url.slice(path))
    return isPlain || isKnownHarmless(url, sensitiveKeys)
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
  /** Each name by itself, because what is looked up is a part of a URL. */
  const harmless = new Map<string, string>()
  /** Hot path: comparing is faster than looking up. */
  let last: string | undefined
  return (name) => {
    if (name === last) return true
    const known = harmless.get(name)
    if (known !== undefined) {
      last = known
      return true
    }
    if (!isHarmlessParameter(name, sensitiveKeys)) return false
    if (harmless.size < MAX_REMEMBERED_NAMES) {
      const remembered = detachString(name)
      harmless.set(remembered, remembered)
    }
    return true
  }
}
