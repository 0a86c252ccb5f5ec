import { escapePattern } from '../../lib/escape-pattern.js'
import { lazy } from '../../lib/lazy.js'
import { TRUNCATION_MARK_PATTERN } from '../../serialize/truncate.js'
import { hasLongWord } from '../texts/long-runs.js'
import type { Detector } from './detector.js'
import { matchAt } from './shared/match-at.js'
import { replaceParts } from './shared/replace-parts.js'
import { ALPHABETS, VENDOR_KEY_FORMATS } from './vendor-key-formats.js'

/**
 * A key begins where no letter or digit stands in front of it, except those of an escape: `%20`, `\n`. Thus `task_live_...`
 * is not taken for `sk_live_...`.
 */
const ESCAPE = String.raw`(?:%[0-9A-Fa-f]{2}|\\[nrt])`
const KEY_BEGINS = `(?:(?<![0-9A-Za-z])|(?<=${ESCAPE}))`
const ESCAPE_IN_FRONT = new RegExp(`^${ESCAPE}`)
const KEY_ENDS = String.raw`(?![\w-])`

const ASCII = 128
/** So much of a key must be visible if nothing but a key begins with its prefix. */
const MIN_LENGTH = 16
/** So many characters more than the least length can a run in the middle of a key have. */
const MAX_LONGER = 200
/** The longest `before` of a format is shorter. */
const MAX_LENGTH_BEFORE = 64
/** The last characters of a truncated text in which a key may begin and have lost its end. */
const MAX_TRUNCATED_LENGTH = 400

const RUN = /^([a-z]+\d*):(\d+)(\+?)$/
/** No format has such a literal text, so it is a run with a mistake. */
const LOOKS_LIKE_RUN = /:|^[a-z]+\d+\+?$/i

interface Run {
  readonly alphabet: string
  readonly length: number
  readonly isLeast: boolean
}

/** The parts of a shape: runs and literal texts. A mistake in a shape would make a pattern that finds nothing. */
export function parseShape(shape: string): (Run | string)[] {
  const parts = shape.split(' ').filter((part) => part !== '')
  return parts.map((part) => {
    const [, alphabet, length, plus] = RUN.exec(part) ?? []
    if (alphabet === undefined) {
      if (LOOKS_LIKE_RUN.test(part) || part in ALPHABETS)
        throw new Error(`The part "${part}" of the shape "${shape}" is no run such as alnum:36`)
      return part
    }
    if (ALPHABETS[alphabet] === undefined) {
      const names = Object.keys(ALPHABETS).join(', ')
      throw new Error(`The shape "${shape}" has the unknown alphabet "${alphabet}"; known are ${names}`)
    }
    return { alphabet, length: Number(length), isLeast: plus === '+' }
  })
}

function characterClass(alphabet: string): string {
  return `[${ALPHABETS[alphabet]}]`
}

/** The pattern of the rest of a key behind its prefix, with all lengths of the shape. */
function exactBody(parts: readonly (Run | string)[]): string {
  const pattern = parts.map((part, index) => {
    if (typeof part === 'string') return escapePattern(part)
    const characters = characterClass(part.alphabet)
    const isLast = index === parts.length - 1
    // Bounded before another part: otherwise each of many prefixes would be followed to the end of the text.
    const longer = part.isLeast ? (isLast ? `${characters}*` : `${characters}{0,${MAX_LONGER}}`) : ''
    return `${characters}{${part.length}}${longer}`
  })
  const isWordLike = parts.some((part) => typeof part !== 'string' && WORD_LIKE.has(part.alphabet))
  return `${isWordLike ? LOOKS_RANDOM : ''}${pattern.join('')}${KEY_ENDS}`
}

/** Alphabets in which a long name is possible. */
const WORD_LIKE = new Set(['alnum', 'token', 'base64'])
/** A random key has characters of all three kinds; names rarely do. */
const LOOKS_RANDOM = String.raw`(?=[\w-]{0,80}\d)(?=[\w-]{0,80}[A-Z])(?=[\w-]{0,80}[a-z])`

/** The pattern of the beginning of a key, and of whatever may belong to it. */
function looseBody(parts: readonly (Run | string)[]): string {
  const [first] = parts
  if (typeof first !== 'object') throw new Error('A shape that begins with a literal text needs match: exact')
  const isBase64 = first.alphabet === 'base64'
  const alphabet =
    isBase64 || first.alphabet === 'token' || first.alphabet === 'uuid' ? first.alphabet : 'alnum'
  const length = Math.min(MIN_LENGTH, first.length)
  const rest = isBase64 ? String.raw`[\w+/=-]*` : String.raw`[\w-]*`
  const dottedRest = parts.includes('.') ? String.raw`(?:\.[\w-]+){0,2}` : ''
  return `${NOT_A_NAME}${characterClass(alphabet)}{${length}}${rest}${dottedRest}`
}

/** Has a capital letter or a digit, not only `lower_case-words`. */
const NOT_A_NAME = '(?=[a-z_-]{0,64}[A-Z0-9])'

/** A format of the table, compiled. */
interface CompiledFormat {
  /** Matches the key at the beginning of its prefix. */
  readonly pattern: RegExp
  /** Matches the part of the key before the prefix, at the end of a text. */
  readonly before: RegExp | undefined
  /** Source of the pattern behind the start. */
  readonly rest: string
  readonly isExact: boolean
}

/**
 * The formats by the beginning of a match of {@link keyStart}. A prefix that begins with another one is found by that: the
 * formats of `sk-proj-` are under `sk-`.
 */
const formatsByStart = lazy((): ReadonlyMap<string, readonly CompiledFormat[]> => {
  const prefixes = VENDOR_KEY_FORMATS.flatMap((format) => format.prefixes)
  const beginsWithAnother = (prefix: string) =>
    prefixes.some((other) => other !== prefix && prefix.startsWith(other))
  const starts = new Set(prefixes.filter((prefix) => !beginsWithAnother(prefix)))
  return new Map([...starts].sort().map((start) => [start, compileFormats(start)]))
})

function compileFormats(start: string): CompiledFormat[] {
  return VENDOR_KEY_FORMATS.flatMap(({ prefixes, before, shape, match }) => {
    const alternatives = prefixes.filter((prefix) => prefix.startsWith(start)).map(escapePattern)
    if (alternatives.length === 0) return []
    const parts = parseShape(shape)
    const isExact = match === 'exact'
    const body = isExact ? exactBody(parts) : looseBody(parts)
    const rest = `(?:${alternatives.map((prefix) => prefix.slice(escapePattern(start).length)).join('|')})${body}`
    return {
      pattern: new RegExp(`${escapePattern(start)}${rest}`, 'y'),
      rest,
      before: before === undefined ? undefined : new RegExp(`${KEY_BEGINS}${before}$`),
      isExact,
    }
  })
}

/** Matches where a key may begin, or where the fixed part within a key may be. */
const keyStart = lazy(() => new RegExp(composeKeyStart(), 'g'))

/** V8 compiles alternatives that are plain text to a tree of characters, so a long list costs little more than a short one. */
function composeKeyStart(): string {
  const starts: string[] = []
  const fixedParts: string[] = []
  for (const [start, formats] of formatsByStart()) {
    const isWithinKey = formats.some(({ before }) => before !== undefined)
    if (!isWithinKey) starts.push(escapePattern(start))
    // The part may be as short as `.`, so what follows it must fit too.
    else fixedParts.push(...formats.map(({ rest }) => `${escapePattern(start)}(?=${rest})`))
  }
  const start = `(?:${starts.join('|')})`
  return `(?<![0-9A-Za-z])${start}|${ESCAPE}${start}|${fixedParts.join('|')}`
}

/** Hot path: the starts of keys by their first two characters, and the fixed parts within keys by their first one. */
const startIndex = lazy(indexStarts)

function indexStarts(): {
  startsByPair: (readonly string[] | undefined)[]
  fixedPartsByCode: (readonly RegExp[] | undefined)[]
} {
  const startsByPair = new Array<string[] | undefined>(ASCII * ASCII).fill(undefined)
  const fixedPartsByCode = new Array<RegExp[] | undefined>(ASCII).fill(undefined)
  for (const [start, formats] of formatsByStart()) {
    if (formats.some(({ before }) => before !== undefined)) {
      fixedPartsByCode[start.charCodeAt(0)] ??= []
      fixedPartsByCode[start.charCodeAt(0)]?.push(...formats.map(({ pattern }) => pattern))
    } else {
      const pair = start.charCodeAt(0) * ASCII + start.charCodeAt(1)
      startsByPair[pair] ??= []
      startsByPair[pair]?.push(start)
    }
  }
  return { startsByPair, fixedPartsByCode }
}

/**
 * Whether {@link keyStart} matches anywhere. Hot path: in a text without keys, the loop is several times faster than the
 * pattern.
 */
function mayHaveKey(text: string): boolean {
  const { startsByPair, fixedPartsByCode } = startIndex()
  let previous = 0
  for (let index = 0; index < text.length - 1; index++) {
    const code = text.charCodeAt(index)
    if (code < ASCII) {
      const next = text.charCodeAt(index + 1)
      const starts = next < ASCII ? startsByPair[code * ASCII + next] : undefined
      if (starts !== undefined && (!isLetterOrDigit(previous) || isBehindEscape(text, index)))
        for (const start of starts) if (text.startsWith(start, index)) return true
      const fixedParts = fixedPartsByCode[code]
      if (fixedParts !== undefined)
        for (const part of fixedParts) if (matchAt(part, text, index) !== undefined) return true
    }
    previous = code
  }
  return false
}

/** Whether an {@link ESCAPE} may stand in front of this index. */
function isBehindEscape(text: string, index: number): boolean {
  return text[index - 3] === '%' || text[index - 2] === '\\'
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
}

const TRUNCATED_KEY = new RegExp(String.raw`[\w.+/=~-]{8,}(?=${TRUNCATION_MARK_PATTERN})`, 'y')

export const vendorKeys: Detector = {
  id: 'vendor-keys',
  secret: 'An API key or token in the format of its vendor, see [vendor keys](#vendor-keys)',
  reason: 'Such a key is accepted from anyone who presents it, often until it is revoked',
  // Not the prefix: with it, `token=` in front would be followed by a secret and a replacement, and searches for values
  // that were replaced would miss it.
  visible: 'The text around the key',
  sources: [
    'https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml',
    'https://github.com/secretlint/secretlint/tree/master/packages',
  ],
  examples: [
    [`pushed with ${'ghp_'}${'Ab1'.repeat(12)}, which works`, 'pushed with [REDACTED], which works'],
    [`${'glpat-'}${'Ab1_'.repeat(5)}`, '[REDACTED]'],
    [
      'see task_live_monitoring and npm_config_registry_url',
      'see task_live_monitoring and npm_config_registry_url',
    ],
  ],
  markers: (text) => hasLongWord(text) && mayHaveKey(text),
  standsAlone: true,
  redact(text, { replacement }) {
    return replaceParts(text, keyStart(), ({ 0: match, index }) => {
      const escapeLength = ESCAPE_IN_FRONT.exec(match)?.[0].length ?? 0
      const key = findKey(text, index + escapeLength, match.slice(escapeLength))
      return key && { ...key, replacement }
    })
  },
}

interface Key {
  readonly start: number
  readonly end: number
}

/** Finds the key whose prefix is at this index: the longest, because a format may be the beginning of another. */
function findKey(text: string, index: number, prefix: string): Key | undefined {
  const formats = formatsByStart().get(prefix) ?? []
  let longest: Key | undefined
  for (const { pattern, before } of formats) {
    const key = matchAt(pattern, text, index)
    if (key === undefined || index + key.length <= (longest?.end ?? 0)) continue
    const start = before === undefined ? index : findBefore(text, index, before)
    if (start !== undefined) longest = { start, end: index + key.length }
  }
  if (longest !== undefined) return longest
  const isNearEnd = text.length - index < MAX_TRUNCATED_LENGTH
  if (!isNearEnd || formats.every(({ isExact }) => isExact)) return undefined
  const beginning = matchAt(TRUNCATED_KEY, text, index)
  return beginning === undefined ? undefined : { start: index, end: index + beginning.length }
}

/** Returns where a key begins that has its fixed part at this index. */
function findBefore(text: string, index: number, before: RegExp): number | undefined {
  const match = before.exec(text.slice(Math.max(0, index - MAX_LENGTH_BEFORE), index))
  return match === null ? undefined : index - match[0].length
}
