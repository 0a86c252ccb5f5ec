import { CUT_MARK } from './cut.js'

/** How JSON begins, and `[draft] a text` does not. */
const JSON_LIKE = /^\s*(?:\{\s*["}]|\[\s*(?:[[{"\]]|-?\d|true|false|null)|")/

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
  const mark = CUT_MARK.exec(text)?.[0] ?? ''
  const json = text.slice(0, text.length - mark.length)
  try {
    return { value: JSON.parse(mark === '' ? json : complete(json, mark)), mark }
  } catch {
    return undefined
  }
}

/** Closes what was open where the text was cut, without the item that was being said. */
function complete(json: string, mark: string): string {
  // A string of JSON in a string: that it was cut its own mark says.
  if (/^\s*"/.test(json)) return `${json.replace(/\\(?:u[\da-f]{0,3})?$/i, '')}${mark}"`
  const closers: string[] = []
  let end = 0
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token.startsWith('"')) continue
    if (token === '[' || token === '{') closers.push(token === '[' ? ']' : '}')
    if (token === ']' || token === '}') closers.pop()
    end = token === ',' ? index : index + 1
  }
  return json.slice(0, end) + closers.reverse().join('')
}
