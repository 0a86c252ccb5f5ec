// Shows any value in a message. Nothing here throws, runs code of the value, or returns long text: a getter, a proxy trap
// or a `Symbol.toStringTag`, which `util.inspect` reads, may return a promise that rejects, and that ends the process.
import { inspect, types } from 'node:util'
import { readSafely } from './safe-read.js'

const MAX_VALUE_LENGTH = 100
const MAX_CAUSE_LENGTH = 4096
const MAX_DEPTH = 3
const MAX_ENTRIES = 10
/** A message about a misplaced `pseudonymize` must not show its key. `redact/` knows more, but stands above this folder. */
const SECRET_KEY = /(?:key|secret|password|token)$/i

/**
 * Describes a value and its type, for a message about a wrong argument.
 *
 * @example
 * describeValue('xml')   // "'xml' (string)"
 * describeValue(null)    // 'null (null)'
 */
export function describeValue(value: unknown): string {
  const type = value === null ? 'null' : readSafely(() => Array.isArray(value)) ? 'array' : typeof value
  return `${shorten(show(value), MAX_VALUE_LENGTH)} (${type})`
}

/**
 * Describes a thrown value for a message: name and message of an error, a string as it is, anything else by its
 * properties. The stack is left out, because `onError` gets the error itself as `cause`.
 *
 * @example
 * describeCause(new TypeError('not a function'))   // 'TypeError: not a function'
 */
export function describeCause(cause: unknown): string {
  return shorten(typeof cause === 'string' && cause !== '' ? cause : show(cause), MAX_CAUSE_LENGTH)
}

function show(value: unknown, depth = MAX_DEPTH): string {
  if (typeof value === 'string') return inspect(shorten(value, MAX_VALUE_LENGTH))
  if (typeof value === 'function') return `[Function: ${readText(value, 'name') || 'anonymous'}]`
  if (typeof value !== 'object' || value === null) return inspect(value)
  if (types.isProxy(value)) return '[Proxy]'
  if (isError(value)) return showError(value)
  if (ArrayBuffer.isView(value)) return `[Binary: ${value.byteLength} bytes]`
  if (isUnchanged(value, RegExp.prototype, 'lastIndex') || isUnchanged(value, Date.prototype))
    return inspect(value)
  if (depth === 0) return Array.isArray(value) ? '[Array]' : '[Object]'
  return Array.isArray(value) ? showArray(value, depth) : showObject(value, depth)
}

/** Errors of another realm (`node:vm`, Jest) are no instances of this realm's `Error`. */
function isError(value: object): boolean {
  return types.isNativeError(value) || readSafely(() => value instanceof Error) === true
}

/** With no property but its own, a RegExp or Date is shown by code of Node alone. */
function isUnchanged(value: object, prototype: object, ...ownKeys: readonly string[]): boolean {
  if (Object.getPrototypeOf(value) !== prototype) return false
  return Reflect.ownKeys(value).every((key) => ownKeys.includes(key as string))
}

function showError(error: object): string {
  return `${readText(error, 'name') || 'Error'}: ${readText(error, 'message')}`
}

function showArray(array: readonly unknown[], depth: number): string {
  const items = Array.from({ length: Math.min(array.length, MAX_ENTRIES) }, (_, index) =>
    showProperty(array, String(index), depth),
  )
  if (array.length > MAX_ENTRIES) items.push('…')
  return items.length === 0 ? '[]' : `[ ${items.join(', ')} ]`
}

function showObject(object: object, depth: number): string {
  const keys = Object.keys(object)
  const entries = keys.slice(0, MAX_ENTRIES).map((key) => {
    const name = /^[\w$]{1,100}$/.test(key) ? key : inspect(shorten(key, MAX_VALUE_LENGTH))
    return `${name}: ${SECRET_KEY.test(key) ? '[not shown]' : showProperty(object, key, depth)}`
  })
  if (keys.length > MAX_ENTRIES) entries.push('…')
  const className = readClassName(object)
  const prefix = className === '' || className === 'Object' ? '' : `${className} `
  return entries.length === 0 ? `${prefix}{}` : `${prefix}{ ${entries.join(', ')} }`
}

function readClassName(object: object): string {
  const prototype: object | null = Object.getPrototypeOf(object)
  const property = prototype && Object.getOwnPropertyDescriptor(prototype, 'constructor')
  return typeof property?.value === 'function' ? readText(property.value, 'name') : ''
}

function showProperty(object: object, key: string, depth: number): string {
  const property = Object.getOwnPropertyDescriptor(object, key)
  return property === undefined || 'value' in property ? show(property?.value, depth - 1) : '[Getter]'
}

/** The text in a property of an object or of its prototypes, without calling a getter. */
function readText(object: object, key: string): string {
  let holder: object | null = object
  while (holder !== null && !types.isProxy(holder)) {
    const property = Object.getOwnPropertyDescriptor(holder, key)
    if (property !== undefined) return typeof property.value === 'string' ? property.value : ''
    holder = Object.getPrototypeOf(holder)
  }
  return ''
}

function shorten(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}
