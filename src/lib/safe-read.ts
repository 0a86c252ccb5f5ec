import { types } from 'node:util'

/**
 * Attaches a no-op rejection handler to a promise read from untrusted input, so that its rejection cannot crash the
 * process. A getter may have created the promise for this one read. Other thenables are left alone, since calling
 * `then` on a query builder runs the query.
 *
 * @returns `value` itself
 * @example suppressRejection(user.email)
 */
export function suppressRejection<Value>(value: Value): Value {
  if (typeof value !== 'object' || !types.isPromise(value)) return value
  try {
    Promise.prototype.then.call(value, undefined, () => {})
  } catch {
    // A subclass of Promise whose constructor or species throws.
  }
  return value
}

/** The result of `read` after {@link suppressRejection}, or `undefined` if `read` throws. */
export function readSafely<Result>(read: () => Result): Result | undefined {
  try {
    return suppressRejection(read())
  } catch {
    return undefined
  }
}

/** A property of an untrusted value; `undefined` if it cannot be read. */
export function readProperty(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return suppressRejection((value as Record<string, unknown>)[name])
  } catch {
    return undefined
  }
}

export function nonEmptyString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function firstDefined<Item, Result>(
  items: readonly Item[],
  find: (item: Item) => Result | undefined,
): Result | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** Stands for the value of a property that has a getter. */
export const UNREAD: unique symbol = Symbol('unread')

const lookupGetter = (Object.prototype as { __lookupGetter__?: (name: string) => unknown }).__lookupGetter__

/** As {@link readDataProperty}, but `null` for a property that exists and has no value. */
export function readExistingDataProperty(object: object, name: string): unknown {
  return name in object ? (readDataProperty(object, name) ?? null) : undefined
}

/** A property of an untrusted object, or {@link UNREAD}: a getter of the application may have effects. */
export function readDataProperty(object: unknown, name: string): unknown {
  // Hot path: most properties that are asked for do not exist.
  if (typeof object !== 'object' || object === null || !(name in object)) return undefined
  return lookupGetter?.call(object, name) === undefined ? readProperty(object, name) : UNREAD
}

/** Hot path: without a list of the keys. */
export function hasKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  for (const name in value) if (Object.hasOwn(value, name)) return true
  return false
}
