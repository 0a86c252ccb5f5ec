import { isCapital, isLetterOrDigit } from './key-spelling.js'

/** What a word of the lists is; a word can be several of these. */
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
  /** What the word is, as a sum of the constants above. */
  readonly kinds: number
  /** Where the word begins in the key. */
  readonly start: number
}

interface Node {
  /** What the letters from the root to here are; 0 if they are only part of a word. */
  kinds: number
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
 * word in which the key ends. The time depends on the length of the longest word, not on the number of words.
 */
export class WordTree {
  readonly #root = createNode()

  /** @param letters as `lettersOf` returns them */
  add(letters: string, kind: number): void {
    let node = this.#root
    for (let index = letters.length - 1; index >= 0; index--)
      node = getOrCreateChild(node, letters.charCodeAt(index))
    node.kinds |= kind
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

function createNode(): Node {
  return { kinds: 0, letter: -1, child: undefined, others: undefined, beyondAscii: undefined }
}

function findChild(node: Node, letter: number): Node | undefined {
  if (node.letter === letter) return node.child
  return letter > 0x7f ? node.beyondAscii?.get(letter) : node.others?.[slotOf(letter)]
}

function getOrCreateChild(node: Node, letter: number): Node {
  const existing = findChild(node, letter)
  if (existing !== undefined) return existing
  const child = createNode()
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

/** Letters from 0 to 25, then digits. */
function slotOf(letter: number): number {
  return letter >= 0x61 ? letter - 0x61 : letter - 0x30 + 26
}
