import type { Position } from '../../serialize/position.js'
import { type Columns, findColumnsInFirstRow } from '../keys/context/sensitive-columns.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { PathMatcher } from '../rules/path-matcher.js'

/** The facts about a position of the walk that decide about the values there. */
export interface RedactionState {
  /** The configured paths that end or continue here. */
  readonly paths: PathMatcher | undefined
  /** The value is an object under a key such as `card`, which decides about the keys of the object. */
  readonly parentKey: string | undefined
  /** Within JSON that was truncated: the innermost object that the truncation cut. */
  readonly truncatedObject: object | undefined
  /** The sensitive columns of the table to which a list of rows or a row belongs. */
  readonly table: Table | undefined
}

export interface Table {
  readonly columns: Columns
  readonly isRow: boolean
}

/** Hot path: nearly every position shares this state. */
export const DEFAULT_STATE: RedactionState = {
  paths: undefined,
  parentKey: undefined,
  truncatedObject: undefined,
  table: undefined,
}

/** The position of a value. A list of rows may begin with the names of its columns. */
export function enterTable(
  value: unknown,
  position: Position<RedactionState>,
  sensitiveKeys: SensitiveKeys | undefined,
): Position<RedactionState> {
  if (!Array.isArray(value) || sensitiveKeys === undefined || position.state.table !== undefined)
    return position
  const columns = findColumnsInFirstRow(value, sensitiveKeys)
  if (columns === undefined) return position
  return position.withState({ ...position.state, table: { columns, isRow: false } })
}
