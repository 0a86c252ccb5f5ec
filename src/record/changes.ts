// The changes of a record: shortens the list to the room that is left.
import type { ChangeRecord } from './record.js'
import { jsonBytes, limitValue, shortenList } from './shorten-value.js'

/**
 * Stands in the list for changes that were dropped. A class, because `instanceof` tells it from a change of a property with
 * the same name.
 */
export class DroppedChanges implements ChangeRecord {
  readonly path: string
  readonly #count: number

  constructor(count: number) {
    this.path = `…[+${count} changes]`
    this.#count = count
  }

  get count(): number {
    return this.#count
  }
}

export function shortenChanges(changes: readonly ChangeRecord[], bytes: number): readonly ChangeRecord[] {
  return shortenList(
    changes,
    bytes,
    (change) => jsonBytes(change as never),
    limitValues,
    (dropped) => new DroppedChanges(countDropped(dropped)),
  )
}

/** A mark counts as the changes that it stands for. */
function countDropped(changes: readonly ChangeRecord[]): number {
  return changes.reduce((sum, change) => sum + (change instanceof DroppedChanges ? change.count : 1), 0)
}

function limitValues(change: ChangeRecord, bytes: number): ChangeRecord {
  if (change instanceof DroppedChanges) return change
  const limited: ChangeRecord = { path: change.path }
  if (change.from !== undefined) limited.from = limitValue(change.from, bytes)
  if (change.to !== undefined) limited.to = limitValue(change.to, bytes)
  return limited
}

/** Copies a change with its values replaced. */
export function mapChange(
  change: ChangeRecord,
  mapPath: (path: string) => string,
  mapValue: (value: NonNullable<ChangeRecord['from']> | null) => ChangeRecord['from'],
): ChangeRecord {
  if (change instanceof DroppedChanges) return change
  const mapped: ChangeRecord = { path: mapPath(change.path) }
  if (change.from !== undefined) mapped.from = mapValue(change.from) ?? null
  if (change.to !== undefined) mapped.to = mapValue(change.to) ?? null
  return mapped
}
