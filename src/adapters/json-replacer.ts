import { isObject } from '../lib/validate.js'

type ReplacerFunction = (this: unknown, key: string, value: unknown) => unknown

/**
 * A value as `JSON.stringify(value, replacer)` would write it. Its parts are replaced when they are read, since only the
 * beginning of a long body fits into a record.
 *
 * @param replacer a function, or a list of the keys to write; anything else has no effect, as in `JSON.stringify`
 */
export function applyReplacer(value: unknown, replacer: unknown): unknown {
  if (typeof replacer === 'function') return replaceEntry({ '': value }, '', replacer as ReplacerFunction)
  if (!Array.isArray(replacer)) return value
  return selectKeys(readEntry({ '': value }, ''), new Set(replacer.filter(isKey).map(String)))
}

/** The kinds of items that `JSON.stringify` accepts in a list of keys. */
function isKey(item: unknown): boolean {
  return (
    typeof item === 'string' || typeof item === 'number' || item instanceof String || item instanceof Number
  )
}

function replaceEntry(holder: object, key: string, replacer: ReplacerFunction): unknown {
  const value = replacer.call(holder, key, readEntry(holder, key))
  return viewOf(
    value,
    (source) => Object.keys(source),
    (source, name) => replaceEntry(source, name, replacer),
  )
}

function selectKeys(value: unknown, keys: ReadonlySet<string>): unknown {
  return viewOf(
    value,
    (source) => [...keys].filter((key) => Object.prototype.propertyIsEnumerable.call(source, key)),
    (source, name) => selectKeys(readEntry(source, name), keys),
  )
}

function readEntry(holder: object, key: string): unknown {
  const value = (holder as Record<string, unknown>)[key]
  const toJSON =
    isObject(value) || typeof value === 'bigint' ? (value as { toJSON?: unknown }).toJSON : undefined
  return typeof toJSON === 'function' ? toJSON.call(value, key) : value
}

/**
 * An object or array whose entries are read by `read`, each once.
 *
 * The target of the proxy is not the source: a proxy must show the properties of a frozen object unchanged.
 */
function viewOf(
  source: unknown,
  findKeys: (source: object) => readonly string[],
  read: (source: object, key: string) => unknown,
): unknown {
  // `JSON.stringify` writes the value of such an object, and not its properties.
  if (source instanceof String || source instanceof Number || source instanceof Boolean)
    return source.valueOf()
  if (!isObject(source)) return source
  const isList = Array.isArray(source)
  const entries = new Map<string, unknown>()
  const keys = isList ? undefined : new Set(findKeys(source))
  const hasEntry = (key: PropertyKey): key is string =>
    typeof key === 'string' && (keys === undefined ? /^\d+$/.test(key) : keys.has(key))
  return new Proxy(isList ? [] : {}, {
    get(target, key) {
      if (isList && key === 'length') return source.length
      if (!hasEntry(key)) return isList ? Reflect.get(target, key) : undefined
      if (!entries.has(key)) entries.set(key, omitFunction(read(source, key)))
      return entries.get(key)
    },
    ownKeys: () => (keys === undefined ? Reflect.ownKeys([]) : [...keys]),
    getOwnPropertyDescriptor: (target, key) =>
      keys !== undefined && hasEntry(key)
        ? { value: undefined, enumerable: true, configurable: true, writable: true }
        : Reflect.getOwnPropertyDescriptor(target, key),
  })
}

/** `JSON.stringify` leaves functions out, also a `toJSON` of what another `toJSON` has returned. */
function omitFunction(value: unknown): unknown {
  return typeof value === 'function' || typeof value === 'symbol' ? undefined : value
}
