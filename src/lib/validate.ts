import { closest } from 'fastest-levenshtein'
import { AuditLogError } from './errors.js'
import { describeValue } from './inspect.js'

/** The valid values of one option: in words, for the error message, and as a test. */
export interface Check {
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
  /** The value is or contains a key, so the error message must not show it. */
  readonly isSecret?: boolean
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
 * @param ownerOf the function that accepts an option that is unknown here, if there is one
 * @returns a copy of the own properties of `options`, so that a polluted `Object.prototype` adds no option
 * @throws AuditLogError `ERR_AUDIT_OPTIONS` with the expected and the actual value
 */
export function checkOptions<Options>(
  options: unknown,
  checks: Checks<Options>,
  hintFor: (value: unknown) => string = () => '',
  ownerOf: (name: string) => string | undefined = () => undefined,
): Options {
  if (!isObject(options) || Array.isArray(options)) {
    fail(`Expected the options to be an object, got ${describeValue(options)}`)
  }
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? (checks as Record<string, Check>)[name] : undefined
    if (check === undefined) failUnknown(name, Object.keys(checks), ownerOf(name))
    if (value !== undefined && !check.accepts(value)) {
      const got = check.isSecret
        ? 'something else (not shown, because it may contain a key)'
        : `${describeValue(value)}${hintFor(value)}`
      fail(`Expected \`${name}\` to be ${check.expected}, got ${got}`)
    }
  }
  return Object.assign(Object.create(null), options)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function failUnknown(name: string, known: readonly string[], owner: string | undefined): never {
  if (owner !== undefined) fail(`Unknown option \`${name}\`: it is an option of ${owner}`)
  fail(
    `Unknown option \`${name}\`. Did you mean \`${closest(name, known)}\`? Known options: ${known.join(', ')}`,
  )
}

function fail(message: string): never {
  throw new AuditLogError('ERR_AUDIT_OPTIONS', message)
}
