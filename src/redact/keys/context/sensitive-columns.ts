// Finds the sensitive columns of tables: `{ columns: ['id', 'password'], rows: [[1, 'S']] }`, of one row beside the names of its
// columns, and of lists of rows whose first row has the names, as parsers of CSV return them.
import type { SensitiveKeys } from '../sensitive-keys.js'
import { readMember } from './read-member.js'

/** Indexes of the sensitive columns. */
export type Columns = ReadonlySet<number>

/** Keys that hold the names of the columns. */
const COLUMNS_KEYS = [
  'columns',
  'fields',
  'header',
  'headers',
  'cols',
  'columnNames',
  'column_names',
  'names',
]
/** Keys that hold the rows. */
const ROWS_KEYS: ReadonlySet<string> = new Set([
  ...['rows', 'data', 'values', 'records', 'body', 'items', 'result', 'results', 'datarows', 'tuples'],
])
/** Keys that hold the values of one row, as many as there are names: `{ names: ['id', 'pin'], values: [1, 'S'] }`. */
const ROW_KEYS: ReadonlySet<string> = new Set([
  ...['values', 'row', 'data', 'params', 'parameters', 'bindings', 'record', 'tuple'],
])
/** Bounds the work for one table. */
const MAX_COLUMNS = 200

/** @returns the sensitive columns of the rows under a key of an object; `undefined` if there are none */
export function findColumnsBeside(
  object: object,
  key: string,
  rows: unknown,
  sensitiveKeys: SensitiveKeys,
): Columns | undefined {
  // Hot path: most values are no lists of lists.
  if (!Array.isArray(rows)) return undefined
  const isTable = ROWS_KEYS.has(key) && isListOfLists(rows)
  if (!isTable && !(ROW_KEYS.has(key) && !isListOfLists(rows))) return undefined
  for (const columnsKey of COLUMNS_KEYS) {
    const columns = readMember(object, columnsKey)
    if (!Array.isArray(columns)) continue
    return isTable || columns.length === rows.length
      ? findSensitiveColumns(columns, sensitiveKeys)
      : undefined
  }
  return undefined
}

/** @returns the sensitive columns of a list of rows that begins with the names; `undefined` if there are none */
export function findColumnsInFirstRow(rows: unknown, sensitiveKeys: SensitiveKeys): Columns | undefined {
  if (!isListOfLists(rows) || rows.length < 2) return undefined
  const names = rows[0] as readonly unknown[]
  if (names.length < 2 || !names.slice(0, MAX_COLUMNS).every(isColumnName)) return undefined
  // Two items of which the first is sensitive are an entry, `['password', 'S']`.
  if (names.length === 2 && sensitiveKeys.isSensitive(names[0] as string)) return undefined
  return findSensitiveColumns(names, sensitiveKeys)
}

export function isListOfLists(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && Array.isArray(value[0])
}

/** A name has a letter, unlike the operator in `['password', '=', 'S']`. */
function isColumnName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= 60 &&
    /^[\w.#-][\w .#()-]*$/.test(value) &&
    /[a-z]/i.test(value)
  )
}

/** Drivers of databases describe a column by an object with its name. */
function findSensitiveColumns(
  columns: readonly unknown[],
  sensitiveKeys: SensitiveKeys,
): Columns | undefined {
  const sensitive = new Set<number>()
  for (const [index, column] of columns.slice(0, MAX_COLUMNS).entries()) {
    const name = typeof column === 'object' && column !== null ? readName(column) : column
    if (typeof name === 'string' && sensitiveKeys.isSensitive(name)) sensitive.add(index)
  }
  return sensitive.size === 0 ? undefined : sensitive
}

/** Keys of the name of a column in its description. */
const NAME_KEYS = ['name', 'field', 'key', 'dataIndex', 'id', 'title', 'label']

function readName(column: object): unknown {
  for (const key of NAME_KEYS) {
    const name = readMember(column, key)
    if (name !== undefined) return name
  }
  return undefined
}
