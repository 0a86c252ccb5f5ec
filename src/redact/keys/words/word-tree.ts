import { isCapital, isLetterOrDigit, isWordStart } from './key-spelling.js'

/** The kinds of words in the lists; a word can be of several kinds. */
export const ENDING = 1
export const LAST_WORDS = 2
export const WHOLE_KEY = 4
export const URL_ENDING = 8
export const URL_WHOLE_KEY = 16
export const HARMLESS = 32
export const QUALIFIER = 64
export const OPERATOR = 128
export const LOOKUP = 256

/** A word in which a key ends. */
export interface WordMatch {
  /** The kinds of the word, as a sum of the constants above. */
  readonly kinds: number
  /** Where the word begins in the key. */
  readonly start: number
}

/** A word of the lists. */
interface Word {
  readonly letters: string
  readonly kind: number
}

interface Node {
  /** The number of letters that lead here. */
  readonly depth: number
  /** The kinds of the word whose letters lead here; 0 if they are only part of a word. */
  kinds: number
  /** Longer words that end in these letters and are not in the children yet. */
  words: Word[] | undefined
  /** Most nodes have one child, which needs no table. */
  letter: number
  child: Node | undefined
  /** Hot path: the other children for letters and digits of ASCII, in an array. */
  others: (Node | undefined)[] | undefined
  /** The other children for all other letters. */
  beyondAscii: Map<number, Node> | undefined
}

/**
 * The words of all lists in one tree of their letters, last letter first, so that one walk from the end of a key finds every
 * word in which the key ends. The time depends on the length of the longest word, not on the number of words. Start-up:
 * most nodes are never visited, so a node gets its children at the first visit.
 */
export class WordTree {
  readonly #root = createNode(0)
  /** Hot path: for each pair of letters or digits of ASCII, 1 if a sensitive word ends in it. */
  readonly #lastPairs = new Uint8Array(SLOTS * SLOTS)

  /** @param letters as `lettersOf` returns them */
  add(letters: string, kind: number): void {
    addWord(this.#root, { letters, kind })
    if ((kind & SENSITIVE) !== 0) this.#addLastPair(letters)
  }

  #addLastPair(letters: string): void {
    const last = SLOT_BY_CODE[letters.charCodeAt(letters.length - 1)] ?? NO_SLOT
    const previous = SLOT_BY_CODE[letters.charCodeAt(letters.length - 2)] ?? NO_SLOT
    if (last === NO_SLOT) return
    if (previous === NO_SLOT) this.#lastPairs.fill(1, last * SLOTS, (last + 1) * SLOTS)
    else this.#lastPairs[last * SLOTS + previous] = 1
  }

  /**
   * Whether a text may contain a sensitive word; `true` means unknown, for example of a text beyond ASCII. Hot path: most
   * texts contain none, and need no search for names. Linear, because a word is compared only to its own length.
   */
  mayOccurIn(text: string): boolean {
    let previous = NO_SLOT
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return true
      const slot = SLOT_BY_CODE[code] as number
      // A word may go on in front of a separator: `pass_w`.
      const isCandidate =
        slot !== NO_SLOT && (previous === NO_SLOT || this.#lastPairs[slot * SLOTS + previous] === 1)
      if (isCandidate && this.#hasSensitiveWord(text, index + 1)) return true
      previous = slot
    }
    return false
  }

  #hasSensitiveWord(text: string, end: number): boolean {
    let node: Node | undefined = this.#root
    for (let index = end - 1; index >= 0; index--) {
      const slot = SLOT_BY_CODE[text.charCodeAt(index)] as number
      if (slot === NO_SLOT) continue
      node = findChild(node, CODE_BY_SLOT[slot] as number)
      if (node === undefined) return false
      if ((node.kinds & ENDING) !== 0) return true
      if ((node.kinds & SENSITIVE) !== 0 && isWordStart(text, index)) return true
    }
    return false
  }

  /**
   * Returns the words in which a key ends, the shortest first.
   *
   * @param key as `foldKey` returns it; separators within it are skipped
   * @param end the end of the part that is compared
   */
  findEndings(key: string, end: number): readonly WordMatch[] {
    let matches: WordMatch[] | undefined
    let node: Node | undefined = this.#root
    for (let index = end - 1; index >= 0; index--) {
      const code = key.charCodeAt(index)
      if (!isLetterOrDigit(code)) continue
      node = findChild(node, isCapital(code) ? code + CAPITAL_TO_SMALL : code)
      if (node === undefined) break
      if (node.kinds === 0) continue
      matches ??= []
      matches.push({ kinds: node.kinds, start: index })
    }
    return matches ?? NO_MATCHES
  }
}

/** Hot path: most keys end in no word of the lists. */
const NO_MATCHES: readonly WordMatch[] = []
const CAPITAL_TO_SMALL = 'a'.charCodeAt(0) - 'A'.charCodeAt(0)

function createNode(depth: number): Node {
  return {
    depth,
    kinds: 0,
    words: undefined,
    letter: -1,
    child: undefined,
    others: undefined,
    beyondAscii: undefined,
  }
}

function addWord(node: Node, word: Word): void {
  if (word.letters.length === node.depth) node.kinds |= word.kind
  else if (node.words === undefined) node.words = [word]
  else node.words.push(word)
}

/** Adds the words of a node to its children. */
function createChildren(node: Node, words: readonly Word[]): void {
  node.words = undefined
  for (const word of words) {
    const letter = word.letters.charCodeAt(word.letters.length - 1 - node.depth)
    addWord(getOrCreateChild(node, letter), word)
  }
}

function findChild(node: Node, letter: number): Node | undefined {
  if (node.words !== undefined) createChildren(node, node.words)
  if (node.letter === letter) return node.child
  return letter > 0x7f ? node.beyondAscii?.get(letter) : node.others?.[slotOf(letter)]
}

function getOrCreateChild(node: Node, letter: number): Node {
  const existing = findChild(node, letter)
  if (existing !== undefined) return existing
  const child = createNode(node.depth + 1)
  if (node.child === undefined) {
    node.letter = letter
    node.child = child
  } else if (letter > 0x7f) {
    node.beyondAscii ??= new Map()
    node.beyondAscii.set(letter, child)
  } else {
    node.others ??= new Array<undefined>(SLOTS).fill(undefined)
    node.others[slotOf(letter)] = child
  }
  return child
}

const SLOTS = 36
const NO_SLOT = 255
/** The words that make a key sensitive outside URLs. */
const SENSITIVE = ENDING | LAST_WORDS | WHOLE_KEY
const CODE_BY_SLOT: readonly number[] = Array.from('abcdefghijklmnopqrstuvwxyz0123456789', (letter) =>
  letter.charCodeAt(0),
)
/** By character code, also of capitals. */
const SLOT_BY_CODE = createSlots()

function createSlots(): Uint8Array {
  const slots = new Uint8Array(128).fill(NO_SLOT)
  for (const [slot, code] of CODE_BY_SLOT.entries()) {
    slots[code] = slot
    if (slot < 26) slots[code - CAPITAL_TO_SMALL] = slot
  }
  return slots
}

/** Letters from 0 to 25, then digits. */
function slotOf(letter: number): number {
  return letter >= 0x61 ? letter - 0x61 : letter - 0x30 + 26
}
