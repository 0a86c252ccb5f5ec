import { detachString, MAX_CACHED_LENGTH } from '../../lib/bounded-cache.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { MIN_RUN_LENGTH } from '../texts/long-runs.js'
import { mayHaveStandaloneSecret } from '../texts/run-detectors.js'
import { mayHaveSecretInPath } from './redact-path.js'
import { hasHarmlessParameters, isHarmlessParameter, isKnownHarmless } from './redact-url.js'

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
  const isHarmlessName = createNameCheck(sensitiveKeys)
  let harmlessOrigin = ''
  return (url) => {
    const { length } = harmlessOrigin
    if (length > 0 && url.charCodeAt(length) === SLASH_CODE && url.startsWith(harmlessOrigin)) {
      if (isSimpleTarget(url, length, isHarmlessName)) return true
      const target = url.slice(length)
      if (isPlain(target, sensitiveKeys) && hasHarmlessParameters(target, sensitiveKeys)) return true
    }
    if (!isKnownHarmless(url, sensitiveKeys)) return false
    const origin = url.slice(0, url.indexOf('/', url.indexOf('//') + 2))
    if (origin.length <= MAX_CACHED_LENGTH) harmlessOrigin = detachString(origin)
    return true
  }
}

const SLASH_CODE = '/'.charCodeAt(0)

/** Kinds of characters in a target. */
const OTHER = 0
const WORD = 1
const TILDE = 2
const SLASH = 3
const QUESTION_MARK = 4
const EQUALS_SIGN = 5
const AMPERSAND = 6

/** By character code. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[\w.-]/.test(character)) return WORD
  return ['~', '/', '?', '=', '&'].indexOf(character) + TILDE || OTHER
})

/**
 * Whether a target that begins at this index is one of short words and harmless parameters, without escapes: the shape of most
 * targets. Hot path: one loop instead of several patterns; `false` means unknown.
 */
function isSimpleTarget(url: string, start: number, isHarmlessName: (name: string) => boolean): boolean {
  let wordLength = 0
  /** Where the name of the parameter begins; -1 in the path. */
  let nameStart = -1
  let isInValue = false
  for (let index = start; index < url.length; index++) {
    const code = url.charCodeAt(index)
    const kind = code < KINDS.length ? KINDS[code] : OTHER
    if (kind === WORD || (kind === TILDE && nameStart === -1)) {
      wordLength += 1
      if (wordLength === MIN_RUN_LENGTH) return false
      continue
    }
    wordLength = 0
    if (kind === SLASH && nameStart === -1 && url.charCodeAt(index - 1) !== SLASH_CODE) continue
    if ((kind === QUESTION_MARK) === (nameStart === -1) && (kind === QUESTION_MARK || kind === AMPERSAND)) {
      nameStart = index + 1
      isInValue = false
    } else if (kind === EQUALS_SIGN && nameStart !== -1 && !isInValue) {
      if (!isHarmlessName(url.slice(nameStart, index))) return false
      isInValue = true
    } else return false
  }
  return true
}

const MAX_REMEMBERED_NAMES = 200
const MAX_NAME_LENGTH = 64

/**
 * Whether a parameter of a request is harmless, whatever its value is. The first names that were asked for are remembered. None is
 * forgotten, so that clients who make up names cannot slow down the others.
 */
function createNameCheck(sensitiveKeys: SensitiveKeys): (name: string) => boolean {
  const harmless = new Set<string>()
  return (name) => {
    if (harmless.has(name)) return true
    if (!isHarmlessParameter(name, sensitiveKeys)) return false
    if (harmless.size < MAX_REMEMBERED_NAMES && name.length <= MAX_NAME_LENGTH)
      harmless.add(detachString(name))
    return true
  }
}

function isPlain(target: string, sensitiveKeys: SensitiveKeys): boolean {
  if (!PLAIN_TARGET.test(target) || target.includes('//')) return false
  if (!LONG_WORD.test(target)) return true
  return !mayHaveSecretInPath(target, sensitiveKeys) && !mayHaveStandaloneSecret(target)
}
