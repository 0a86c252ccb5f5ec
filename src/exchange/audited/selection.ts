// Picks named properties from a body, which may be anything.
import { readProperty, readSafely } from '../../lib/safe-read.js'
import { isObject } from '../../lib/validate.js'
import { callToJson, createListView } from '../../serialize/lazy-view.js'

/** The properties to pick. */
export interface Selection {
  readonly names: readonly string[]
  /** By name, the selections within properties that are picked in part. */
  readonly nested: ReadonlyMap<string, Selection>
}

/** @param paths names of properties; `address.city` is `city` of `address`, or the property of this name */
export function createSelection(paths: readonly string[]): Selection {
  const nestedPaths = new Map<string, string[]>()
  for (const path of paths) {
    const dot = path.indexOf('.')
    if (dot <= 0) continue
    const name = path.slice(0, dot)
    nestedPaths.set(name, [...(nestedPaths.get(name) ?? []), path.slice(dot + 1)])
  }
  return {
    names: paths,
    nested: new Map([...nestedPaths].map(([name, rest]) => [name, createSelection(rest)])),
  }
}

/** Picks from an object, or from each item of an array; `null` for anything else. A property that cannot be read is left out. */
export function pick(value: unknown, selection: Selection): unknown {
  if (!Array.isArray(value)) return pickFromObject(callToJson(value), selection)
  return createListView(value, (index) => pickFromItem(value[Number(index)], index, selection))
}

function pickFromItem(item: unknown, index: string, selection: Selection): unknown {
  return Array.isArray(item) ? pick(item, selection) : pickFromObject(callToJson(item, index), selection)
}

function pickFromObject(source: unknown, { names, nested }: Selection): Record<string, unknown> | null {
  if (!isObject(source)) return null
  const picked: [string, unknown][] = names
    .filter((name) => hasProperty(source, name))
    .map((name) => [name, readProperty(source, name)])
  // Hot path: most selections have no paths.
  if (nested.size === 0) return Object.fromEntries(picked)
  for (const [name, selection] of nested) {
    if (names.includes(name) || !hasProperty(source, name)) continue
    const part = pick(readProperty(source, name), selection)
    if (part !== null) picked.push([name, part])
  }
  return Object.fromEntries(picked)
}

function hasProperty(source: object, name: string): boolean {
  return readSafely(() => Object.hasOwn(source, name)) === true
}

const ID_NAMES = ['id', '_id', 'uuid'] as const

/** Picks the ids of an object, or of each item of an array; `null` if there are none. */
export function pickIds(body: unknown): unknown {
  if (!Array.isArray(body)) return pickIdsOfObject(callToJson(body))
  // The first item shows whether the items have ids. A list without them is not read to its end, because it may be long.
  if (body.length > 0 && pickIdsOfItem(body[0], '0') === null) return null
  return createListView(body, (index) => pickIdsOfItem(body[Number(index)], index))
}

function pickIdsOfItem(item: unknown, index: string): unknown {
  return Array.isArray(item) ? pickIds(item) : pickIdsOfObject(callToJson(item, index))
}

function pickIdsOfObject(source: unknown): Record<string, unknown> | null {
  const ids: Record<string, unknown> = {}
  let hasIds = false
  for (const name of ID_NAMES) {
    const id = readId(source, name)
    if (id === undefined) continue
    ids[name] = id
    hasIds = true
  }
  return hasIds ? ids : null
}

/** The id that an object has; `undefined` if there is none. */
export function findId(source: unknown): string | number | bigint | undefined {
  for (const name of ID_NAMES) {
    const id = readId(source, name)
    if (id !== undefined) return id
  }
  return undefined
}

/** Text and numbers only, also of an ObjectId: an object may have more than an id. */
function readId(source: unknown, name: string): string | number | bigint | undefined {
  if (!isObject(source) || !hasProperty(source, name)) return undefined
  const id = readSafely(() => callToJson(readProperty(source, name), name))
  return isId(id) ? id : undefined
}

/** Whether a value may identify an object. */
export function isId(value: unknown): value is string | number | bigint {
  return (typeof value === 'string' && value !== '') || typeof value === 'bigint' || Number.isFinite(value)
}

/** Short ids are words and numbers, which are not hidden outside their own name. */
const MIN_SECRET_LENGTH = 6
const MAX_COPIES_ITEMS = 100
const MAX_COPIES_KEYS = 100

/**
 * The properties that have the same value as the id of an object, or of the items of a list. If one has a sensitive name, as in
 * `{ id: S, token: S }`, the id is a secret.
 */
export function findCopiesOfId(body: unknown): readonly Readonly<Record<string, string>>[] {
  const items = Array.isArray(body) ? body.slice(0, MAX_COPIES_ITEMS) : [body]
  return items.flatMap((item) => {
    const id = findId(item)
    if (typeof id !== 'string' || id.length < MIN_SECRET_LENGTH) return []
    const keys = (readSafely(() => Object.keys(item as object)) ?? []).slice(0, MAX_COPIES_KEYS)
    const names = keys.filter(
      (key) => !(ID_NAMES as readonly string[]).includes(key) && readProperty(item, key) === id,
    )
    return names.length === 0 ? [] : [Object.fromEntries(names.map((name) => [name, id]))]
  })
}
