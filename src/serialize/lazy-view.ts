// Lists and objects whose parts are read when they are asked for: only the beginning of a long body fits into a record.
import { suppressRejection } from '../lib/safe-read.js'
import { isObject } from '../lib/validate.js'

/**
 * As `JSON.stringify` does: a model or a collection is what its `toJSON` returns.
 *
 * @param key the key that the value is under, which `toJSON` gets
 */
export function callToJson(value: unknown, key = ''): unknown {
  if (!isObject(value) && typeof value !== 'bigint') return value
  const toJSON = suppressRejection((value as { toJSON?: unknown }).toJSON)
  return typeof toJSON === 'function' ? suppressRejection(toJSON.call(value, key)) : value
}

/**
 * A list of the same length.
 *
 * @param readItem called once for each item that is asked for, with its index
 */
export function createListView(list: readonly unknown[], readItem: (index: string) => unknown): unknown[] {
  const items = new Map<string, unknown>()
  // The target is not the list itself: a proxy must show the items of a frozen list unchanged.
  return new Proxy([] as unknown[], {
    get(target, key) {
      if (key === 'length') return list.length
      if (typeof key !== 'string' || !/^\d+$/.test(key)) return Reflect.get(target, key)
      return readOnce(items, key, readItem)
    },
  })
}

/**
 * An object with these keys.
 *
 * @param readEntry called once for each key that is asked for
 */
export function createObjectView(keys: readonly string[], readEntry: (key: string) => unknown): object {
  const entries = new Map<string, unknown>()
  const known = new Set<PropertyKey>(keys)
  return new Proxy(
    {},
    {
      get: (_target, key) => (known.has(key) ? readOnce(entries, key as string, readEntry) : undefined),
      ownKeys: () => [...(known as Set<string>)],
      getOwnPropertyDescriptor: (_target, key) =>
        known.has(key)
          ? { value: undefined, enumerable: true, configurable: true, writable: true }
          : undefined,
    },
  )
}

function readOnce(values: Map<string, unknown>, key: string, read: (key: string) => unknown): unknown {
  if (!values.has(key)) values.set(key, read(key))
  return values.get(key)
}
