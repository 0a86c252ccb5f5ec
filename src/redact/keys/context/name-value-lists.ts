// Decides which items of a list are the value of a sensitive name in the same list.
import type { SensitiveKeys } from '../sensitive-keys.js'

/** An item of a list, and the items around it. */
export interface ListItem {
  readonly item: unknown
  readonly index: number
  readonly previous: unknown
  /** The list; a Set has no items in front of the previous one. */
  readonly list: readonly unknown[] | ReadonlySet<unknown>
  /** The list is an item of a list, as the entries of an object are. */
  readonly isInList: boolean
  /** The key of the list. */
  readonly listKey: string
}

/**
 * Returns the name whose value an item is, or `undefined` if it is no value or the name is not sensitive.
 *
 * - `[['password', 'S']]`: entries, as `Object.entries` gives them; alone, `['password', 'login']` are tags or steps
 * - `['Authorization', 'S', 'Host', 'x']`: headers, as Node's `rawHeaders` has them; `['cookie', 'S', true]`: a header of HPACK
 * - `['password', '=', 'S']`: a condition of a query builder
 * - `['mysql', '--password', 'S']`: arguments of a command
 */
export function findSensitiveNameOf(listItem: ListItem, sensitiveKeys: SensitiveKeys): string | undefined {
  const { previous } = listItem
  // Hot path: most lists have no texts.
  if (typeof previous !== 'string') return undefined
  const name = isOperator(previous, sizeOf(listItem.list)) ? findOperand(listItem) : previous
  if (name === undefined || !sensitiveKeys.isSensitive(name)) return undefined
  return name !== previous || isNameAndValue(previous, listItem) ? name : undefined
}

function sizeOf(list: ListItem['list']): number {
  return list instanceof Set ? list.size : (list as readonly unknown[]).length
}

const SYMBOLS: ReadonlySet<string> = new Set([
  ...['=', '==', '===', '!=', '!==', '<>', '<', '>', '<=', '>=', ':', ':=', '=>', '->', '~', '=~', '~='],
])
const WORDS: ReadonlySet<string> = new Set([
  ...['eq', 'ne', 'equals', 'like', 'ilike', 'in', 'not in', 'contains', 'startswith', 'endswith', 'matches'],
])

/** A word is an operator only in a list of three, because longer lists may be sentences. */
function isOperator(text: string, count: number): boolean {
  return SYMBOLS.has(text) || (count === 3 && WORDS.has(text.toLowerCase()))
}

/** The name in front of the operator. */
function findOperand({ list, index }: ListItem): string | undefined {
  const operand = Array.isArray(list) ? (list as readonly unknown[])[index - 2] : undefined
  return typeof operand === 'string' ? operand : undefined
}

/** Names of HTTP headers: those with a hyphen, and the two sensitive ones without. */
const HEADER_NAME = /-|^(authorization|cookie)$/i
/** `--password`, with its value in the next argument. */
const FLAG = /^--?[a-z][\w-]{2,60}$/i
const LOOKS_LIKE_NAME = /^[a-z_.-]+$/i
/** Keys of lists that have names of fields only: selections, rules of validators, and the path to a field. */
const LIST_OF_NAMES =
  /(?:fields?|columns?|attributes?|select|required|missing|omit|(?:in|ex)cludes?|hidden|keys|names|sort|order_?by|changed|properties|secrets|path|loc)$/i

/** Whether a sensitive name is followed by its value, and not by another name. */
function isNameAndValue(name: string, { item, index, list, listKey, isInList }: ListItem): boolean {
  const count = sizeOf(list)
  if (FLAG.test(name)) return typeof item !== 'string' || !item.startsWith('-')
  if (LIST_OF_NAMES.test(listKey) && isNameOrIndex(item)) return false
  // The third item of an HPACK header is a flag: whether it may be indexed.
  if (count === 3 && index === 1) return Array.isArray(list) && typeof list[2] === 'boolean'
  if (index % 2 === 0) return false
  if (count === 2) return isInList || !LOOKS_LIKE_NAME.test(String(item))
  if (/headers|trailers/i.test(listKey)) return true
  // Under another key, the list may have headers if the name is one.
  if (!HEADER_NAME.test(name)) return false
  // An odd count means that the list was truncated within a pair, or that it has names only, such as `['Cookie', 'Accept',
  // 'Host']`. Then a neighbour that looks like a name is not taken for a value.
  return count % 2 === 0 || !LOOKS_LIKE_NAME.test(String(item))
}

function isNameOrIndex(item: unknown): boolean {
  return typeof item === 'string' ? LOOKS_LIKE_NAME.test(item) : typeof item === 'number' && item < 1000
}
