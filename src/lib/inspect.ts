// Shows any value in a message. Nothing here throws, calls a getter of a plain object, or returns long text.
import { inspect, types } from 'node:util'
import { readSafely } from './safe-read.js'

const MAX_VALUE_LENGTH = 100
const MAX_CAUSE_LENGTH = 4096

/**
 * Describes a value and its type, for a message about a wrong argument.
 *
 * @example
 * describeValue('xml')   // "'xml' (string)"
 * describeValue(null)    // 'null (null)'
 */
export function describeValue(value: unknown): string {
  const type = value === null ? 'null' : readSafely(() => Array.isArray(value)) ? 'array' : typeof value
  return `${shorten(inspectSafely(value), MAX_VALUE_LENGTH)} (${type})`
}

/**
 * Describes a thrown value for a message: name and message of an error, a string as it is, anything else inspected.
 * The stack is left out, because `onError` gets the error itself as `cause`.
 *
 * @example
 * describeCause(new TypeError('not a function'))   // 'TypeError: not a function'
 */
export function describeCause(cause: unknown): string {
  const described = readSafely(() => (isError(cause) ? errorToText(cause) : cause))
  const text = typeof described === 'string' && described !== '' ? described : inspectSafely(cause)
  return shorten(text, MAX_CAUSE_LENGTH)
}

function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error
}

function errorToText(error: Error): string {
  const [name, message] = [readSafely(() => error.name), readSafely(() => error.message)]
  return `${typeof name === 'string' ? name : 'Error'}: ${typeof message === 'string' ? message : ''}`
}

function inspectSafely(value: unknown): string {
  try {
    return inspect(value, {
      // Methods of the value itself must not run.
      customInspect: false,
      getters: false,
      depth: 4,
      maxArrayLength: 20,
      maxStringLength: MAX_VALUE_LENGTH,
      breakLength: Number.POSITIVE_INFINITY,
      compact: true,
    })
  } catch {
    return 'a value that cannot be inspected'
  }
}

function shorten(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}
