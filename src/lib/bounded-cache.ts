/**
 * What was worked out before, by what it was worked out from. Most applications ask the same again and again. Keys may
 * come from the wire, and must not fill the memory: when it is full all is forgotten, and of long texts nothing is kept.
 *
 * @example
 * const remembered = new Remembered<number>(1000)
 * remembered.set('a', 1)
 * remembered.get('a')   // 1
 */
export class BoundedCache<Value> {
  readonly #known = new Map<string, Value>()
  readonly #maxEntries: number

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  get(key: string): Value | undefined {
    return this.#known.get(key)
  }

  /** @param value no text that was cut from another one, which it would keep: see {@link detachString} */
  set(key: string, value: Value): void {
    if (key.length > MAX_CACHED_LENGTH) return
    if (this.#known.size >= this.#maxEntries && !this.#known.has(key)) this.#known.clear()
    this.#known.set(detachString(key), value)
  }
}

/**
 * A function that remembers what it answered last, for what is asked again and again in a row. The question is kept as it
 * is: a number, an object that is there anyway, or a short text that was made whole and is no secret.
 *
 * @example
 * const isoTime = rememberLast((ms: number) => new Date(ms).toISOString())
 */
export function memoizeLast<Question, Answer>(
  answer: (question: Question) => Answer,
): (question: Question) => Answer {
  let last: { readonly question: Question; readonly answer: Answer } | undefined
  return (question) => {
    if (last === undefined || last.question !== question) last = { question, answer: answer(question) }
    return last.answer
  }
}

/** Of a longer text nothing is kept. */
export const MAX_CACHED_LENGTH = 1024

/** V8 makes a slice of a text a view into it: who kept the slice would keep all of the text, and the secrets in it. */
export function detachString(text: string): string {
  // Two bytes for each character only where that has to be: what is made of such a text has them, too.
  const encoding = BEYOND_LATIN_1.test(text) ? 'utf16le' : 'latin1'
  return Buffer.from(text, encoding).toString(encoding)
}

const BEYOND_LATIN_1 = /[^\0-\xff]/
