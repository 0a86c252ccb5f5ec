import { closest } from 'fastest-levenshtein'
import { toJson } from '../serialize/to-json.js'
import { AuditLogError } from './errors.js'

/** What one option must be, in words for whoever got it wrong, and as a question. */
export interface Check {
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
  /** The value may be, or hold, a key: complaints do not show it. */
  readonly isSecret?: boolean
}

/** A check for each option there is: the compiler asks for the ones that are missing. */
export type Checks<Options> = Record<keyof Options & string, Check>

export const checkBoolean: Check = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
}
export const checkFunction: Check = {
  expected: 'a function',
  accepts: (value) => typeof value === 'function',
}

export function checkInteger(from: number, to: number): Check {
  return {
    expected: `an integer from ${from} to ${to}`,
    accepts: (value) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to,
  }
}

/**
 * Passing `undefined` means the default; an unknown key is an error, since an option that does nothing is one
 * that somebody relies on.
 *
 * @param hintFor what to add to a complaint about a value
 * @param placeOf where an option that is none here belongs
 * @returns the options that were given themselves: what somebody put on `Object.prototype` is no option
 * @throws AuditLogError `ERR_AUDIT_OPTIONS` that says what was expected and what came
 */
export function checkOptions<Options>(
  options: unknown,
  checks: Checks<Options>,
  hintFor: (value: unknown) => string = () => '',
  placeOf: (unknown: string) => string | undefined = () => undefined,
): Options {
  if (!isObject(options) || Array.isArray(options))
    fail(`Expected the options to be an object, got ${describeValue(options)}`)
  for (const [name, value] of Object.entries(options)) {
    const known = Object.keys(checks)
    if (!known.includes(name)) {
      const place = placeOf(name)
      if (place !== undefined) fail(`The option \`${name}\` is one of ${place}`)
      fail(
        `Unknown option \`${name}\`. Did you mean \`${closest(name, known)}\`? Known are: ${known.join(', ')}`,
      )
    }
    const { expected, accepts, isSecret } = (checks as Record<string, Check>)[name] as Check
    if (value !== undefined && !accepts(value)) {
      const got = isSecret ? 'something else' : `${describeValue(value)}${hintFor(value)}`
      fail(`Expected \`${name}\` to be ${expected}, got ${got}`)
    }
  }
  return Object.assign(Object.create(null), options)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** A value and its type, as complaints show it: `0` (number). */
export function describeValue(value: unknown): string {
  const shown =
    typeof value === 'function'
      ? value.name || 'anonymous'
      : value === undefined
        ? 'undefined'
        : JSON.stringify(toJson(value))
  const shortened = shown.length > 100 ? `${shown.slice(0, 100)}…` : shown
  return `\`${shortened}\` (${value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value})`
}

function fail(message: string): never {
  throw new AuditLogError('ERR_AUDIT_OPTIONS', message)
}
