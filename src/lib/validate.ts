import { types } from 'node:util'
import { closest, distance } from 'fastest-levenshtein'
import { AuditLogError } from './errors.js'
import { describeValue } from './inspect.js'

/** The valid values of one option: in words, for the error message, and as a test. */
export interface Check {
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
  /** The value is or contains a key, so the error message must not show it. */
  readonly isSecret?: boolean
  /** Whether `undefined` is wrong. By default, it stands for the default. */
  readonly isRequired?: boolean
  /** Checks for the properties of an object, before the object itself: the message then names the wrong property. */
  readonly properties?: Readonly<Record<string, Check>>
  /** The check for each item of an array, before the array itself: the message then names the index. */
  readonly items?: Check
}

/** One check per option; the compiler reports an option without a check. */
export type Checks<Options> = Record<keyof Options & string, Check>

export const checkBoolean: Check = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
}
export const checkFunction: Check = {
  expected: 'a function',
  accepts: (value) => typeof value === 'function',
}

export function checkInteger(min: number, max: number): Check {
  return {
    expected: `an integer from ${min} to ${max}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  }
}

/**
 * Checks all options. `undefined` stands for the default; an unknown option is an error, since its author expects it
 * to have an effect.
 *
 * @param hintFor text to append to the message about a wrong value
 * @param describeOwner for an option that is unknown here: completes the sentence "it is an option of …", if it can
 * @returns a copy of the own properties of `options`, so that a polluted `Object.prototype` adds no option
 * @throws AuditLogError `ERR_AUDIT_OPTIONS` with the expected and the actual value
 */
export function checkOptions<Options>(
  options: unknown,
  checks: Checks<Options>,
  hintFor: (value: unknown) => string = () => '',
  describeOwner: (name: string) => string | undefined = () => undefined,
): Options {
  if (!isPlainObject(options))
    fail(`Expected the options to be a plain object, got ${describeValue(options)}`)
  checkProperties('', options, checks, { hintFor, describeOwner })
  return Object.assign(Object.create(null), options)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/**
 * Whether a value is a plain object, of this or another realm. The properties of a Promise, a Map or an instance of a
 * class would not be seen, and their options silently have no effect.
 */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || types.isProxy(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

interface MessageParts {
  readonly hintFor: (value: unknown) => string
  readonly describeOwner: (name: string) => string | undefined
}

const NO_MESSAGE_PARTS: MessageParts = { hintFor: () => '', describeOwner: () => undefined }

/** @param prefix the path of `object` with a dot, such as `redact.`; empty for the options themselves */
function checkProperties(
  prefix: string,
  object: Record<string, unknown>,
  checks: Readonly<Record<string, Check>>,
  parts: MessageParts,
): void {
  for (const [name, value] of Object.entries(object)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) failUnknown(prefix, name, Object.keys(checks), parts.describeOwner(name))
    if (value !== undefined) checkValue(`${prefix}${name}`, value, check, parts)
  }
  for (const [name, check] of Object.entries(checks)) {
    const isMissing = !Object.hasOwn(object, name) || object[name] === undefined
    if (check.isRequired && isMissing) {
      fail(`Expected \`${prefix}${name}\` to be ${check.expected}, but it is missing`)
    }
  }
}

/** @param path how the message names the value, such as `policy[0].methods` */
function checkValue(path: string, value: unknown, check: Check, { hintFor }: MessageParts): void {
  const { properties, items } = check
  if (properties !== undefined && isPlainObject(value)) {
    checkProperties(`${path}.`, value, properties, NO_MESSAGE_PARTS)
  }
  if (items !== undefined && Array.isArray(value)) {
    for (const [index, item] of value.entries())
      checkValue(`${path}[${index}]`, item, items, NO_MESSAGE_PARTS)
  }
  if (check.accepts(value)) return
  const got = check.isSecret
    ? 'something else (not shown, because it may contain a key)'
    : `${describeValue(value)}${hintFor(value)}`
  fail(`Expected \`${path}\` to be ${check.expected}, got ${got}`)
}

function failUnknown(
  prefix: string,
  name: string,
  knownNames: readonly string[],
  owner: string | undefined,
): never {
  if (owner !== undefined) fail(`Unknown option \`${name}\`: it is an option of ${owner}`)
  const similarName = findSimilarName(name, knownNames)
  const suggestion = similarName === undefined ? '' : ` Did you mean \`${prefix}${similarName}\`?`
  fail(`Unknown option \`${prefix}${name}\`.${suggestion} Known options: ${knownNames.join(', ')}`)
}

/** The known name that differs by at most three letters, and by at most half of them. Case does not matter. */
export function findSimilarName(name: string, knownNames: readonly string[]): string | undefined {
  const lowerCaseNames = knownNames.map((known) => known.toLowerCase())
  const nearest = closest(name.toLowerCase(), lowerCaseNames)
  const isSimilar = distance(name.toLowerCase(), nearest) <= Math.min(3, name.length / 2)
  return isSimilar ? knownNames[lowerCaseNames.indexOf(nearest)] : undefined
}

function fail(message: string): never {
  throw new AuditLogError('ERR_AUDIT_OPTIONS', message)
}
