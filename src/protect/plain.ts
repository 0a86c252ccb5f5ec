// A handler may put anything in a record. What leaves here is what JSON can say, made without ever throwing.
import { types } from 'node:util'
import type { PlainJson } from '../record.js'

/** As deep as Elasticsearch's `flattened` goes by default (`depth_limit`: 20). */
const MAX_DEPTH = 20
/** Keeps one record from holding up the event loop. */
const MAX_NODES = 100_000

/**
 * A copy of `value` that `JSON.stringify` cannot fail on: as it is now, whatever the handler does to it later.
 *
 * @example
 * plain({ id: 9n, when: new Date(0) })   // { id: '9', when: '1970-01-01T00:00:00.000Z' }
 */
export function plain(value: unknown): PlainJson {
  return new Walk().describe(value, 0) ?? null
}

/** Also of an error from another realm (`node:vm`, a test runner), which is an instance of another `Error`. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || types.isNativeError(value)
  } catch {
    // A proxy refused to tell its prototype.
    return false
  }
}

class Walk {
  readonly #ancestors = new Set<object>()
  #nodes = 0

  /** `undefined` where JSON leaves a value out: `undefined` itself, as everywhere in JavaScript. */
  describe(value: unknown, depth: number): PlainJson | undefined {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) ? value : String(value)
      case 'bigint':
      case 'symbol':
        return String(value)
      case 'undefined':
        return undefined
      case 'function':
        return '[Function]'
      default:
        return value === null ? null : this.#describeObject(value as object, depth)
    }
  }

  #describeObject(value: object, depth: number): PlainJson | undefined {
    if (this.#ancestors.has(value)) return '[Circular]'
    if (depth >= MAX_DEPTH) return '[Too deep]'
    if (++this.#nodes > MAX_NODES) return '[Truncated]'
    this.#ancestors.add(value)
    try {
      return this.#describeContent(value, depth + 1)
    } catch {
      // A getter, a toJSON or a proxy threw. What it threw may be as hostile, so it is not looked at.
      return '[Unreadable]'
    } finally {
      this.#ancestors.delete(value)
    }
  }

  #describeContent(value: object, depth: number): PlainJson | undefined {
    if (Array.isArray(value)) return this.#describeList(value, value.length, depth)
    if (value instanceof Date) return describeDate(value)
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return this.describe(value.valueOf(), depth)
    }
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      return `[Binary: ${value.byteLength} bytes]`
    if (isError(value)) return { name: String(value.name), message: String(value.message) }
    if (value instanceof Set) return this.#describeList(value, value.size, depth)
    if (value instanceof Map) return this.#describeProperties(value.keys(), (key) => value.get(key), depth)
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.describe(value.toJSON(), depth)
    const properties = value as Record<string, unknown>
    return this.#describeProperties(Object.keys(value), (key) => properties[key], depth)
  }

  #describeList(items: Iterable<unknown>, count: number, depth: number): PlainJson {
    const list: PlainJson[] = []
    for (const item of items) {
      if (++this.#nodes > MAX_NODES) {
        list.push(`[Truncated: ${count} in all]`)
        break
      }
      list.push(this.describe(item, depth) ?? null)
    }
    return list
  }

  #describeProperties<Key>(keys: Iterable<Key>, read: (key: Key) => unknown, depth: number): PlainJson {
    // Without a prototype, so that a key named `__proto__` is a key like any other.
    const described: { [key: string]: PlainJson } = Object.create(null)
    for (const key of keys) {
      if (++this.#nodes > MAX_NODES) {
        described['[Truncated]'] = true
        break
      }
      const content = this.#describeProperty(key, read, depth)
      if (content !== undefined) described[nameOf(key)] = content
    }
    return described
  }

  /** One unreadable property does not hide its neighbours. */
  #describeProperty<Key>(key: Key, read: (key: Key) => unknown, depth: number): PlainJson | undefined {
    try {
      return this.describe(read(key), depth)
    } catch {
      return '[Unreadable]'
    }
  }
}

/** By the methods of Date itself: those of the value may be anybody's. */
function describeDate(date: Date): string {
  const time = Date.prototype.getTime.call(date)
  return Number.isNaN(time) ? 'Invalid Date' : new Date(time).toISOString()
}

/** A Map may have anything as a key. */
function nameOf(key: unknown): string {
  try {
    return String(key)
  } catch {
    return '[Unreadable]'
  }
}
