// The type of a case of a blind corpus, and made-up values for it.

/** One exchange, and what may and may not be in its record. */
export interface BlindCase {
  readonly id: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** The route in the syntax of Express, if the case has parameters in its path. */
  readonly route?: string
  readonly do: Actions
  /** Texts of which no part may be in the record. */
  readonly secrets: readonly string[]
  /** Texts that must be in the record. */
  readonly visible: readonly string[]
  /** Everything must be in the record as it was. */
  readonly isHarmless: boolean
}

/** The actions of the handler. */
export interface Actions {
  /** An object, or the query or the parameters as the framework has parsed them. */
  readonly filter?: Readonly<Record<string, unknown>> | 'query' | 'params'
  readonly results?: unknown
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly status?: number
  readonly body?: unknown
  /** The route suggests the object and the results by `audited`. */
  readonly audited?: boolean
  readonly throw?: BlindError
  readonly setError?: BlindError
}

export interface BlindError {
  readonly name?: string
  readonly message: string
  readonly status?: number
}

/** A case as a corpus writes it. */
export interface CaseFields extends Partial<Omit<BlindCase, 'id'>> {
  /** What is special about the case; a part of its id. */
  readonly note?: string
}

/** Collects cases. The id is the kind and the note, with a number if several cases have the same. */
export function createCorpus(isHarmless = false) {
  const cases: BlindCase[] = []
  const counts = new Map<string, number>()
  const add = (kind: string, { note = '', ...fields }: CaseFields) => {
    const title = `${kind}: ${note}`
    const count = (counts.get(title) ?? 0) + 1
    counts.set(title, count)
    const id = count === 1 ? title : `${title} (${count})`
    cases.push({ url: '/x', do: {}, secrets: [], visible: [], isHarmless, ...fields, id })
  }
  return { cases, add }
}

export const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
export const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789'
export const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
export const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
export const HEX = '0123456789abcdef'
export const DIGITS = '0123456789'
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** Values that are the same in each run (mulberry32). */
export function createRandom(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T
  const chars = (count: number, alphabet = ALNUM) => {
    let text = ''
    while (text.length < count) text += alphabet[Math.floor(next() * alphabet.length)]
    return text
  }
  /** Begins with a letter and ends with a digit. */
  const secret = (length = 14) => {
    const middle = chars(length - 2)
    return `${pick([...LETTERS])}${middle}${pick([...DIGITS])}`
  }
  const hex = (count: number) => chars(count, HEX)
  const digits = (count: number) => pick([...'123456789']) + chars(count - 1, DIGITS)
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-${pick([...'89ab'])}${hex(3)}-${hex(12)}`
  return { pick, chars, secret, hex, digits, uuid }
}
