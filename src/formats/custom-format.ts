import { callSync } from '../lib/call-sync.js'
import { describeValue } from '../lib/inspect.js'
import { toJson } from '../serialize/to-json.js'
import type { Format } from './format.js'

/**
 * Makes a user's format safe to call: it gets a copy of the record, so that the original can be written in the default
 * format if it fails, and its result is converted to plain JSON values.
 *
 * @throws (the returned format) whatever `format` throws, and a TypeError if it does not return an object
 */
export function createCustomFormat(format: Format): Format {
  return (record) => {
    const output = toJson(callSync(() => format(structuredClone(record))))
    if (typeof output !== 'object' || output === null || Array.isArray(output)) {
      throw new TypeError(`it returned ${describeValue(output)}, but must return an object`)
    }
    return output
  }
}
