import { TRUNCATION_MARK } from '../../serialize/truncate.js'

/** `{"`, `[{` and the like; a text such as `[draft] title` is not JSON. */
const JSON_START = /^\s*(?:\{\s*["}]|\[\s*(?:[[{"\]]|-?\d|true|false|null)|")/
/** A string, which may contain brackets, or one of the characters that structure JSON. */
const TOKEN = /"(?:[^"\\]|\\[\s\S])*"?|[[\]{},]/g

/** Whether a text begins as JSON does. Hot path: most texts do not, and need not be parsed. */
export function mayBeJson(text: string): boolean {
  return /^\s*["[{]/.test(text)
}

/** The content of a text of JSON. */
export interface ParsedJson {
  readonly value: unknown
  /** The truncation mark behind the JSON; empty if the text is complete. */
  readonly mark: string
  /** The innermost object within which the text was truncated: keys that make its other keys sensitive may be missing. */
  readonly truncatedObject: object | undefined
}

/**
 * Parses JSON, and as much as possible of JSON that was truncated.
 *
 * @returns `undefined` if the text is not JSON
 *
 * @example
 * parseJson('{"a":[1,2,{"b":"x…[+9 characters]')
 * // { value: { a: [1, 2, {}] }, mark: '…[+9 characters]', truncatedObject: {} }
 */
export function parseJson(text: string): ParsedJson | undefined {
  if (!JSON_START.test(text)) return undefined
  const mark = TRUNCATION_MARK.exec(text)?.[0] ?? ''
  try {
    if (mark === '') return { value: JSON.parse(text), mark, truncatedObject: undefined }
    return { ...parseTruncated(text.slice(0, text.length - mark.length), mark), mark }
  } catch {
    return undefined
  }
}

function parseTruncated(json: string, mark: string): Omit<ParsedJson, 'mark'> {
  // JSON within a JSON string: the inner text gets the mark, so that it is parsed as truncated too.
  if (/^\s*"/.test(json)) {
    const withoutBrokenEscape = json.replace(/\\(?:u[\da-f]{0,3})?$/i, '')
    return { value: JSON.parse(`${withoutBrokenEscape}${mark}"`), truncatedObject: undefined }
  }
  const { completed, unclosed } = closeBrackets(json)
  const value: unknown = JSON.parse(completed)
  return { value, truncatedObject: findInnermostObject(value, unclosed) }
}

interface UnclosedBracket {
  readonly closer: ']' | '}'
  /** The last string in front of the bracket, in quotes; within an object this is the key. */
  readonly key: string
}

/** Closes what the truncation left open, and drops the item that was not complete. */
function closeBrackets(json: string): { completed: string; unclosed: UnclosedBracket[] } {
  const unclosed: UnclosedBracket[] = []
  let key = '""'
  let end = 0
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token.startsWith('"')) {
      key = token
      continue
    }
    if (token === '[' || token === '{') unclosed.push({ closer: token === '[' ? ']' : '}', key })
    if (token === ']' || token === '}') unclosed.pop()
    end = token === ',' ? index : index + 1
  }
  const closers = unclosed.map(({ closer }) => closer).reverse()
  return { completed: json.slice(0, end) + closers.join(''), unclosed }
}

/** Follows the unclosed brackets from the outside to the last object among them. */
function findInnermostObject(value: unknown, unclosed: readonly UnclosedBracket[]): object | undefined {
  let current: unknown = value
  let innermost: unknown
  for (const [depth, { key }] of unclosed.entries()) {
    if (depth > 0) {
      current = Array.isArray(current)
        ? current.at(-1)
        : (current as Record<string, unknown>)[JSON.parse(key) as string]
    }
    if (!Array.isArray(current)) innermost = current
  }
  return typeof innermost === 'object' && innermost !== null ? innermost : undefined
}
