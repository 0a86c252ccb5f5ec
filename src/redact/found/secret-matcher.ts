// Finds many secrets in a text in one pass, however many there are.
import type { FoundSecret } from '../../record/record-draft.js'
import { TRUNCATION_MARK } from '../../serialize/truncate.js'
import { isLetterOrDigit } from '../keys/words/key-spelling.js'
import type { RankedSecret } from './secret-distinctness.js'
import { writeForms } from './secret-forms.js'

/** The tree of patterns has so many levels. The rest of a longer secret is compared where its head was found. */
const HEAD_LENGTH = 32
/** A text that was truncated within a secret ends with the beginning of the secret. A shorter one is of no use to anyone. */
const MIN_BEGINNING = 4

/** One form of a secret, as it may be written in a text. */
interface Pattern {
  readonly text: string
  readonly head: string
  readonly secret: FoundSecret
  /** Only between characters that are no letters or digits. */
  readonly isWord: boolean
}

/** Returns the replacement of a secret. */
export type ReplaceSecret = (secret: FoundSecret) => string

/** The secrets of one record, prepared for the search. */
export class SecretMatcher {
  readonly #root: PatternNode
  readonly #patterns: readonly Pattern[]

  /** @param isEvidence whether a text must not be hidden, although it is a form of this secret */
  constructor(secrets: readonly RankedSecret[], isEvidence: (text: string, secret: FoundSecret) => boolean) {
    this.#patterns = createPatterns(secrets, isEvidence)
    this.#root = new PatternNode(this.#patterns, 0)
  }

  get isEmpty(): boolean {
    return this.#patterns.length === 0
  }

  /** Replaces the secrets in a text. Returns the same text if there are none. */
  replaceIn(text: string, replace: ReplaceSecret): string {
    if (this.isEmpty || text.length < MIN_BEGINNING) return text
    const mark = text.endsWith(']') ? TRUNCATION_MARK.exec(text) : null
    const textEnd = mark?.index ?? text.length
    let replaced = ''
    let end = 0
    for (let index = 0; index < text.length; index++) {
      const pattern = this.#root.find(text, index, textEnd)
      if (pattern === undefined) continue
      replaced += text.slice(end, index) + replace(pattern.secret)
      end = index + measureMatch(pattern, text, index, textEnd)
      index = end - 1
    }
    return this.#replaceBeginning(end === 0 ? text : replaced + text.slice(end), replace)
  }

  /** Replaces the beginning of a secret at the end of a text that was truncated within it. */
  #replaceBeginning(text: string, replace: ReplaceSecret): string {
    if (!text.endsWith(']')) return text
    const mark = TRUNCATION_MARK.exec(text)
    if (mark === null) return text
    const beginning = text.slice(Math.max(0, mark.index - HEAD_LENGTH), mark.index)
    for (const { head, secret } of this.#patterns) {
      for (let length = Math.min(head.length, beginning.length); length >= MIN_BEGINNING; length--) {
        if (beginning.endsWith(head.slice(0, length)))
          return text.slice(0, mark.index - length) + replace(secret) + mark[0]
      }
    }
    return text
  }
}

function createPatterns(
  secrets: readonly RankedSecret[],
  isEvidence: (text: string, secret: FoundSecret) => boolean,
): Pattern[] {
  const patterns = new Map<string, Pattern>()
  for (const { secret, distinctness } of secrets) {
    if (distinctness === 'ordinary') continue
    const isWord = distinctness === 'word'
    for (const text of writeForms(secret.value))
      if (!patterns.has(text) && !isEvidence(text, secret))
        patterns.set(text, { text, head: text.slice(0, HEAD_LENGTH), secret, isWord })
  }
  // The longest first: of a password and the connection string around it, the string is found.
  return [...patterns.values()].sort((one, other) => other.text.length - one.text.length)
}

/** The patterns that share their first characters. Its children are created when a text reaches them. */
class PatternNode {
  readonly #patterns: readonly Pattern[]
  readonly #depth: number
  /** By the UTF-16 unit that follows. */
  #children: Map<number, PatternNode> | undefined
  readonly #complete: readonly Pattern[]

  /** @param patterns longest first */
  constructor(patterns: readonly Pattern[], depth: number) {
    this.#patterns = patterns
    this.#depth = depth
    this.#complete = depth === 0 ? [] : patterns.filter(({ head }) => head.length === depth)
  }

  /** The longest pattern that matches at this index. At most one step for each character of a head. */
  find(text: string, start: number, textEnd: number): Pattern | undefined {
    let node: PatternNode | undefined = this
    let found: Pattern | undefined
    for (let index = start; node !== undefined; index++) {
      for (const pattern of node.#complete) {
        if (!isMatch(pattern, text, start, textEnd)) continue
        found = pattern
        break
      }
      node = node.#step(text, index)
    }
    return found
  }

  #step(text: string, index: number): PatternNode | undefined {
    if (this.#complete.length === this.#patterns.length) return undefined
    this.#children ??= this.#createChildren()
    return this.#children.get(text.charCodeAt(index))
  }

  #createChildren(): Map<number, PatternNode> {
    const byUnit = new Map<number, Pattern[]>()
    for (const pattern of this.#patterns) {
      if (pattern.head.length === this.#depth) continue
      const unit = pattern.head.charCodeAt(this.#depth)
      const siblings = byUnit.get(unit)
      if (siblings === undefined) byUnit.set(unit, [pattern])
      else siblings.push(pattern)
    }
    return new Map([...byUnit].map(([unit, patterns]) => [unit, new PatternNode(patterns, this.#depth + 1)]))
  }
}

/** @param textEnd where the text was truncated: the secret may have continued there */
function isMatch({ text: pattern, isWord }: Pattern, text: string, start: number, textEnd: number): boolean {
  const end = start + pattern.length
  if (end > textEnd && textEnd < text.length) return pattern.startsWith(text.slice(start, textEnd))
  if (!text.startsWith(pattern, start)) return false
  return !isWord || (isWordStart(text, start) && !isLetterOrDigit(text.charCodeAt(end)))
}

/** Escapes end with a letter or a digit, which does not belong to the word behind it: `%20`, `\n`, `\u0020`. */
const ESCAPE_BEFORE = /(?:%[0-9a-f]{2}|\\[bfnrt]|\\u[0-9a-f]{4})$/i
const MAX_ESCAPE_LENGTH = 6

function isWordStart(text: string, start: number): boolean {
  if (start === 0 || !isLetterOrDigit(text.charCodeAt(start - 1))) return true
  return ESCAPE_BEFORE.test(text.slice(Math.max(0, start - MAX_ESCAPE_LENGTH), start))
}

const REST_OF_VALUE = /[^\s"'<>&;,)}\]\\]+/y

/** The length of the part to replace: the secret, or the whole value if only its beginning is known. */
function measureMatch(
  { text: pattern, secret }: Pattern,
  text: string,
  start: number,
  textEnd: number,
): number {
  if (textEnd < text.length && start + pattern.length > textEnd) return textEnd - start
  if (secret.isBeginning !== true) return pattern.length
  REST_OF_VALUE.lastIndex = start + pattern.length
  return pattern.length + (REST_OF_VALUE.exec(text)?.[0].length ?? 0)
}
