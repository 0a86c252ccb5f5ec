import { isObject } from '../lib/validate.js'
import { callToJson, createListView, createObjectView } from '../serialize/lazy-view.js'

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
  return callToJson((holder as Record<string, unknown>)[key], key)
}

/** The parts of an object or array are what `read` returns for them. */
function viewOf(
  source: unknown,
  findKeys: (source: object) => readonly string[],
  read: (source: object, key: string) => unknown,
): unknown {
  // `JSON.stringify` writes the value of such an object, and not its properties.
  if (source instanceof String || source instanceof Number || source instanceof Boolean)
    return source.valueOf()
  if (!isObject(source)) return source
  const readPart = (key: string) => omitFunction(read(source, key))
  return Array.isArray(source)
    ? createListView(source, readPart)
    : createObjectView(findKeys(source), readPart)
}

/** As `JSON.stringify`, which omits functions and symbols. It calls `toJSON` once, so a `toJSON` in the result is omitted too. */
function omitFunction(value: unknown): unknown {
  return typeof value === 'function' || typeof value === 'symbol' ? undefined : value
}
