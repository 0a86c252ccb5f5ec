import type { JsonValue } from './json-value.js'

/**
 * Replaces a value that was too long: what the value was, how many parts it had, and its beginning. A class, because
 * `instanceof` tells a summary from data of a client that has the same keys: a copy of data never has this class.
 */
export class Summary {
  /** As in any JSON value, so that a summary can stand where one is expected. */
  readonly [key: string]: JsonValue
  readonly truncated = true
  readonly type: 'array' | 'object' | 'string'
  /** Items, keys or characters of the whole value. */
  readonly count: number
  /** The beginning of the value. */
  readonly kept: JsonValue

  constructor(type: Summary['type'], count: number, kept: JsonValue) {
    this.type = type
    this.count = count
    this.kept = kept
  }
}
