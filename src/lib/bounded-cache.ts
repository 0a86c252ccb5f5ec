/** Longer keys are not cached, so that a full cache stays small. */
export const MAX_CACHED_LENGTH = 1024

/**
 * Memoizes results by string key. Keys may come from the wire, so the cache is cleared when it is full, and does not
 * store keys longer than {@link MAX_CACHED_LENGTH}.
 *
 * @example
 * const cache = new BoundedCache<number>(1000)
 * cache.set('a', 1)
 * cache.get('a')   // 1
 */
export class BoundedCache<Value> {
  readonly #values = new Map<string, Value>()
  readonly #maxEntries: number

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  get(key: string): Value | undefined {
    return this.#values.get(key)
  }

  /** @param value must not contain a slice of a longer string, which would stay in memory: see {@link detachString} */
  set(key: string, value: Value): void {
    if (key.length > MAX_CACHED_LENGTH) return
    if (this.#values.size >= this.#maxEntries && !this.#values.has(key)) this.#values.clear()
    this.#values.set(detachString(key), value)
  }
}

/**
 * Memoizes the last call of `compute`. The input stays in memory, so it must not be a secret, nor a slice of a longer
 * string (see {@link detachString}).
 *
 * @example
 * const isoTime = memoizeLast((ms: number) => new Date(ms).toISOString())
 */
export function memoizeLast<Input, Result>(compute: (input: Input) => Result): (input: Input) => Result {
  let last: { readonly input: Input; readonly result: Result } | undefined
  return (input) => {
    if (last === undefined || last.input !== input) last = { input, result: compute(input) }
    return last.result
  }
}

/** Copies a string, because a V8 slice keeps the whole string that it was cut from in memory, secrets included. */
export function detachString(text: string): string {
  // Latin-1 where possible: strings built from a two-byte string take two bytes per character as well.
  const encoding = BEYOND_LATIN_1.test(text) ? 'utf16le' : 'latin1'
  return Buffer.from(text, encoding).toString(encoding)
}

const BEYOND_LATIN_1 = /[^\0-\xff]/
