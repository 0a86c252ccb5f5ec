import { types } from 'node:util'

/** Stands for a value that threw when it was read. */
export const UNREADABLE = '[Unreadable]'

/** Whether a value is an object whose class need not be checked. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  // Bytes and errors stay what they are under any prototype.
  return !ArrayBuffer.isView(value) && !types.isNativeError(value)
}

/** Whether a value is an error, also one from another realm (`node:vm`, a test runner), which has another `Error` class. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || types.isNativeError(value)
  } catch {
    // A proxy threw when it was asked for its prototype.
    return false
  }
}

/** Calls the methods of `Date.prototype`, because the value may have replaced its own. */
export function dateToText(date: Date): string {
  const time = Date.prototype.getTime.call(date)
  return Number.isNaN(time) ? 'Invalid Date' : new Date(time).toISOString()
}

/** The key of a Map, which may be any value, as the key of an object. */
export function keyToText(key: unknown): string {
  try {
    return String(key)
  } catch {
    return UNREADABLE
  }
}
