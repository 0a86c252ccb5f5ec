import { suppressRejection } from '../lib/safe-read.js'

/** Copies properties of a value that may be anything at run time. A property that cannot be read is left out. */
export function readProperties<Description extends object>(
  value: Description,
  names: readonly (keyof Description)[],
): Partial<Description> {
  const properties: Partial<Description> = {}
  for (const name of names) {
    try {
      properties[name] = suppressRejection(value[name])
    } catch {
      // A getter threw, or `value` is null or undefined.
    }
  }
  return properties
}
