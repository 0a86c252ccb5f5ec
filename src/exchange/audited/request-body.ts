import { readSafely } from '../../lib/safe-read.js'
import { isObject } from '../../lib/validate.js'
import { createSelection, pick } from './selection.js'

/**
 * Creates a function that picks the named properties of the parsed body of a request. It returns `undefined` if no body was parsed,
 * so that it may be called again later, and `null` if the body has none of the properties.
 */
export function createRequestBodyReader(names: readonly string[]): (body: unknown) => unknown {
  const selection = createSelection(names)
  return (body) => (isParsed(body) ? (readSafely(() => pickFrom(body)) ?? null) : undefined)

  function pickFrom(body: object): unknown {
    const picked = pick(body, selection)
    return isObject(picked) && hasContent(picked) ? picked : null
  }
}

/** Whether a parser has left content: body-parser leaves an empty object for a content type that it does not parse. */
function isParsed(body: unknown): body is object {
  return isObject(body) && !ArrayBuffer.isView(body) && hasContent(body)
}

function hasContent(value: object): boolean {
  return readSafely(() => (Array.isArray(value) ? value : Object.keys(value)).length > 0) === true
}
