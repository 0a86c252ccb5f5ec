// Compares records with what a test expects of them. Without a test framework, so that it works in any.
import { inspect } from 'node:util'

/**
 * What a record must contain:
 * - an object: these properties, whatever others there are; for an actual list, in any of its items
 * - a list: as many items, each matching
 * - a regular expression: a text that matches it
 * - a function: a value for which it returns `true`
 * - a matcher of Jest or Vitest, such as `expect.any(String)`
 * - `undefined`: no such property
 * - anything else: the same value
 */
export type RecordMatch<Value> =
  | ((value: Value) => boolean)
  | RegExp
  | AsymmetricMatcher
  | (Value extends readonly (infer Item)[]
      ? readonly RecordMatch<Item>[] | RecordMatch<Item>
      : Value extends object
        ? { readonly [Name in keyof Value]?: RecordMatch<Value[Name]> | undefined }
        : Value)

/** Jest and Vitest recognize their matchers by this method. */
interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): boolean
}

/** Has TypeScript take a type from its default instead of the argument. `NoInfer` needs TypeScript 5.4. */
export type NotInferred<Value> = [Value][Value extends unknown ? 0 : never]

interface Mismatch {
  readonly path: string
  readonly expected: unknown
  readonly actual: unknown
}

/** The parts of `actual` that differ from what is expected. */
export function findMismatches(expected: unknown, actual: unknown, path = ''): Mismatch[] {
  const mismatch = [{ path, expected, actual }]
  if (typeof expected === 'function') return expected(actual) === true ? [] : mismatch
  if (expected instanceof RegExp) {
    // Not `test`, which continues at `lastIndex` if the expression is global.
    return typeof actual === 'string' && actual.search(expected) >= 0 ? [] : mismatch
  }
  if (typeof expected !== 'object' || expected === null) return Object.is(expected, actual) ? [] : mismatch
  if ('asymmetricMatch' in expected && typeof expected.asymmetricMatch === 'function') {
    return expected.asymmetricMatch(actual) ? [] : mismatch
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return mismatch
    return expected.flatMap((item, index) => findMismatches(item, actual[index], `${path}[${index}]`))
  }
  if (Array.isArray(actual)) {
    return actual.some((item) => findMismatches(expected, item, path).length === 0) ? [] : mismatch
  }
  if (typeof actual !== 'object' || actual === null) return mismatch
  return Object.entries(expected).flatMap(([name, value]) => {
    const property = Object.hasOwn(actual, name) ? (actual as Record<string, unknown>)[name] : undefined
    return findMismatches(value, property, path === '' ? name : `${path}.${name}`)
  })
}

/** Says what the record that comes nearest lacks. */
export function describeNearest(expected: unknown, records: readonly unknown[]): string {
  const head = `No audit record matches ${show(expected)}`
  const candidates = records.map((record) => ({ record, mismatches: findMismatches(expected, record) }))
  const names = Object.keys(Object(expected))
  // Of two with as many differences the one that differs in a later property: tests name the action first.
  const firstDifference = ({ mismatches: [first] }: (typeof candidates)[number]) =>
    names.indexOf(first?.path.split(/[.[]/, 1)[0] ?? '')
  const [nearest] = candidates.sort(
    (one, other) =>
      one.mismatches.length - other.mismatches.length || firstDifference(other) - firstDifference(one),
  )
  if (nearest === undefined) return `${head}. There are no records`
  const differences = nearest.mismatches.map(
    (mismatch) =>
      `  ${mismatch.path || 'the record'}: expected ${show(mismatch.expected)}, got ${show(mismatch.actual)}`,
  )
  return [
    `${head}. The nearest of ${records.length} records differs in`,
    ...differences,
    show(nearest.record),
  ].join('\n')
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: 110, maxArrayLength: 20, maxStringLength: 500 })
}
