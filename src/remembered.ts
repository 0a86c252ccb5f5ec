/**
 * What was worked out before, by what it was worked out from. Most applications ask the same again and again, and what
 * does not come again must not fill the memory: when it is full all is forgotten, and of long texts nothing is kept.
 *
 * @example
 * const remembered = new Remembered<string, number>(1000)
 * remembered.set('a', 1)
 * remembered.get('a')   // 1
 */
export class Remembered<Key, Value> {
  readonly #known = new Map<Key, Value>()
  readonly #maxEntries: number

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  get(key: Key): Value | undefined {
    return this.#known.get(key)
  }

  set(key: Key, value: Value): void {
    if (isLong(key) || isLong(value)) return
    if (this.#known.size >= this.#maxEntries) this.#known.clear()
    this.#known.set(key, value)
  }
}

const MAX_LENGTH = 1024

function isLong(text: unknown): boolean {
  return typeof text === 'string' && text.length > MAX_LENGTH
}
