import { Dictionary } from '../../lib/dictionary.js'
import { CONTEXT_SENSITIVE_KEYS, findContextSensitiveKeys } from '../keys/context/context-sensitive-keys.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { decodeUrlText } from './decode-url.js'
import { type Parameter, parseParameter } from './split-url.js'

/**
 * Returns a function that tells whether a parameter is sensitive because of the others: `?name=password&value=S` and
 * `?f[number]=S&f[cvc]=1`. Checks the objects into which frameworks parse such a query.
 */
export function checkSiblings(
  pieces: readonly string[],
  sensitiveKeys: SensitiveKeys,
): (name: string) => boolean {
  const parameters = pieces
    .map(parseParameter)
    .filter((parameter): parameter is Parameter => parameter !== undefined && parameter.value !== '')
  if (!parameters.some(({ name }) => CONTEXT_SENSITIVE_KEYS.has(parseKey(name).key))) return () => false
  const objects = new Map<string, Dictionary<string[]>>()
  for (const { name, value } of parameters) {
    const { prefix, key } = parseKey(name)
    const object = objects.get(prefix) ?? new Dictionary<string[]>()
    objects.set(prefix, object)
    object[key] ??= []
    object[key].push(decodeUrlText(value))
  }
  const context = { urlPath: findPath(pieces) }
  const sensitiveByPrefix = new Map(
    [...objects].map(([prefix, object]) => [
      prefix,
      findContextSensitiveKeys(object, Object.keys(object), sensitiveKeys, context),
    ]),
  )
  return (name) => {
    const { prefix, key } = parseKey(name)
    return sensitiveByPrefix.get(prefix)?.has(key) === true
  }
}

/** Bounds the work for a URL with many URLs in its parameters. */
const MAX_PATHS = 20
const MAX_PATH_LENGTH = 100

/** The host and the path, and those of URLs that stand unescaped in parameters. A form has none. */
function findPath(pieces: readonly string[]): string {
  return pieces
    .filter((piece) => piece.includes('/'))
    .slice(0, MAX_PATHS)
    .map((piece) => piece.slice(0, MAX_PATH_LENGTH))
    .join('/')
}

/** Splits `filter[0][value][]` into the key `value` and the prefix `filter[0]` that it shares with its siblings. */
function parseKey(name: string): { readonly prefix: string; readonly key: string } {
  const withoutIndexes = name.replace(/(?:\[\d{0,3}\]){1,3}$/, '')
  const bracket = withoutIndexes.lastIndexOf('[')
  if (bracket === -1 || !withoutIndexes.endsWith(']')) return { prefix: '', key: withoutIndexes }
  return { prefix: withoutIndexes.slice(0, bracket), key: withoutIndexes.slice(bracket + 1, -1) }
}
