// Checks options once, at start-up. Their values are untrusted: a getter may throw, and a proxy may return anything.
import { types } from 'node:util'
import { closest, distance } from 'fastest-levenshtein'
import { AuditLogError } from './errors.js'
import { describeCause, describeValue } from './inspect.js'
import { suppressRejection } from './safe-read.js'

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
  /** Finds what is wrong with an object or array although each of its parts is right. */
  readonly findProblem?: (value: never) => Problem | undefined
  /** A sentence to append to the message about a wrong value; empty if there is nothing to say. */
  readonly hintFor?: (value: unknown) => string
}

/** A wrong part of a value. */
interface Problem {
  /** Continues the path of the option, such as `[2]`. */
  readonly path: string
  readonly expected: string
  readonly value: unknown
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

/** A list whose wrong items the message names one by one. */
export function checkArray(items: Check): Check {
  return { expected: `an array, each item ${items.expected}`, accepts: Array.isArray, items }
}

/** Like {@link checkArray}, for lists of conditions. An empty one is ambiguous: "matches nothing", or "no condition". */
export function checkFilledArray(items: Check): Check {
  return {
    expected: `an array of one or more items, each ${items.expected}`,
    accepts: (value) => Array.isArray(value) && value.length > 0,
    items,
  }
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
 * @param explainUnknown for an option that is unknown here: why, as the second part of a sentence, if that is known
 * @returns a copy of the options, in which each property was read once. The copies of `options` and of the objects with
 *   `properties` have no prototype, so that a polluted `Object.prototype` adds no option
 * @throws AuditLogError `ERR_AUDIT_OPTIONS` with the path of the option, the expected and the actual value
 */
export function checkOptions<Options>(
  options: unknown,
  checks: Checks<Options>,
  explainUnknown: (name: string) => string | undefined = () => undefined,
): Options {
  if (!isPlainObject(options))
    fail(`Expected the options to be a plain object, got ${describeValue(options)}`)
  return checkProperties('', options, checks, explainUnknown) as Options
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

/**
 * @param prefix the path of `object` with a dot, such as `redact.`; empty for the options themselves
 * @returns a copy of the object
 */
function checkProperties(
  prefix: string,
  object: Record<string, unknown>,
  checks: Readonly<Record<string, Check>>,
  explainUnknown: (name: string) => string | undefined,
): Record<string, unknown> {
  const copy: Record<string, unknown> = Object.create(null)
  for (const name of Object.keys(object)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) failUnknown(prefix, name, Object.keys(checks), explainUnknown(name))
    const path = `${prefix}${name}`
    const value = read(path, () => object[name], check.isSecret)
    copy[name] = value === undefined ? undefined : checkValue(path, value, check)
  }
  for (const [name, check] of Object.entries(checks)) {
    if (check.isRequired && copy[name] === undefined) {
      fail(`Expected \`${prefix}${name}\` to be ${check.expected}, but it is missing`)
    }
  }
  return copy
}

/**
 * @param path how the message names the value, such as `policy[0].methods`
 * @returns the value, or a copy of an object with `properties` and of an array with `items`
 */
function checkValue(path: string, value: unknown, check: Check): unknown {
  const copy = copyParts(path, value, check)
  if (!accepts(check, copy)) failExpected(path, check.expected, value, check)
  const problem = check.findProblem?.(copy as never)
  if (problem !== undefined) failExpected(`${path}${problem.path}`, problem.expected, problem.value, check)
  return copy
}

function copyParts(path: string, value: unknown, { properties, items, isSecret }: Check): unknown {
  if (properties !== undefined && isPlainObject(value)) {
    return checkProperties(`${path}.`, value, properties, () => undefined)
  }
  if (items === undefined || !Array.isArray(value)) return value
  const copy: unknown[] = read(path, () => Array.from(value), isSecret)
  return copy.map((item, index) => checkValue(`${path}[${index}]`, item, items))
}

function accepts(check: Check, value: unknown): boolean {
  try {
    return check.accepts(value)
  } catch {
    // A getter or a proxy trap has thrown: the value is not what was expected.
    return false
  }
}

function read<Value>(path: string, readValue: () => Value, isSecret = false): Value {
  try {
    return suppressRejection(readValue())
  } catch (cause) {
    const reason = isSecret ? '' : `: ${describeCause(cause)}`
    throw new AuditLogError('ERR_AUDIT_OPTIONS', `Reading \`${path}\` of the options failed${reason}`, {
      cause,
    })
  }
}

function failExpected(path: string, expected: string, value: unknown, { isSecret, hintFor }: Check): never {
  const got = isSecret ? describeSecret(value) : `${describeValue(value)}${hintFor?.(value) ?? ''}`
  fail(`Expected \`${path}\` to be ${expected}, got ${got}`)
}

/** A variable of the environment that is not set is the usual mistake. */
function describeSecret(value: unknown): string {
  if (value === undefined || value === '') return value === '' ? 'an empty text' : 'undefined'
  return 'something else (not shown, because it may contain a key)'
}

function failUnknown(
  prefix: string,
  name: string,
  knownNames: readonly string[],
  explanation: string | undefined,
): never {
  if (explanation !== undefined) fail(`Unknown option \`${name}\`: ${explanation}`)
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
