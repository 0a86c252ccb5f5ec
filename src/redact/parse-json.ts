import { TRUNCATION_MARK } from '../serialize/truncate.js'

/** How JSON begins, and `[draft] a text` does not. */
const JSON_LIKE = /^\s*(?:\{\s*["}]|\[\s*(?:[[{"\]]|-?\d|true|false|null)|")/

/** Whether a text begins as JSON does: most texts do not, and need not be parsed. */
export function mayBeJson(text: string): boolean {
  return /^\s*["[{]/.test(text)
}

/** Strings, which may hold brackets, and what JSON is built with. */
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"?|[[\]{},]/g

/** What a text of JSON says. */
export interface ParsedJson {
  readonly value: unknown
  /** What stands behind it where the text was cut. */
  readonly mark: string
}

/**
 * Parses JSON, and of JSON that was cut what is there of it: its secrets can be told only from where they stand.
 *
 * @returns `undefined` where the text is no JSON
 *
 * @example
 * parseJson('{"a":[1,2,{"b":"x…[+9 characters]')   // { value: { a: [1, 2, {}] }, mark: '…[+9 characters]' }
 */
export function parseJson(text: string): ParsedJson | undefined {
  if (!JSON_LIKE.test(text)) return undefined
  const mark = TRUNCATION_MARK.exec(text)?.[0] ?? ''
  const json = text.slice(0, text.length - mark.length)
  try {
    return { value: mark === '' ? JSON.parse(json) : parseCut(json, mark), mark }
  } catch {
    return undefined
  }
}

/** Objects of which a text was cut: what would have said which of their values are secret may be missing. */
const cutShort = new WeakSet<object>()

/** Whether a text was cut in the middle of this object: of the innermost one alone. */
export function isCutShort(object: object): boolean {
  return cutShort.has(object)
}

function parseCut(json: string, mark: string): unknown {
  // A string of JSON in a string: that it was cut its own mark says.
  if (/^\s*"/.test(json)) return JSON.parse(`${json.replace(/\\(?:u[\da-f]{0,3})?$/i, '')}${mark}"`)
  const { completed, open } = complete(json)
  const value: unknown = JSON.parse(completed)
  let inner: unknown = value
  let last: unknown
  for (const [depth, { name }] of open.entries()) {
    if (depth > 0) inner = Array.isArray(inner) ? inner.at(-1) : (inner as Named)[JSON.parse(name)]
    if (!Array.isArray(inner)) last = inner
  }
  if (typeof last === 'object' && last !== null) cutShort.add(last)
  return value
}

type Named = Record<string, unknown>

interface Open {
  readonly closer: ']' | '}'
  /** The string in front of it; in an object, its name. */
  readonly name: string
}

/** Closes what was open where the text was cut, without the item that was being said. */
function complete(json: string): { completed: string; open: Open[] } {
  const open: Open[] = []
  let name = '""'
  let end = 0
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token.startsWith('"')) {
      name = token
      continue
    }
    if (token === '[' || token === '{') open.push({ closer: token === '[' ? ']' : '}', name })
    if (token === ']' || token === '}') open.pop()
    end = token === ',' ? index : index + 1
  }
  const closers = open.map(({ closer }) => closer).reverse()
  return { completed: json.slice(0, end) + closers.join(''), open }
}
