// The changes of a record: shortens the list to the room that is left.
import { countItems, createDroppedItems, DroppedItems } from './dropped-items.js'
import type { ChangeRecord } from './record.js'
import { jsonBytes, limitValue, shortenList } from './shorten-value.js'

export function shortenChanges(changes: readonly ChangeRecord[], bytes: number): readonly ChangeRecord[] {
  return shortenList(changes, bytes, (change) => jsonBytes(change as never), limitValues, markDropped)
}

function markDropped(changes: readonly ChangeRecord[]): ChangeRecord {
  const count = countItems(changes)
  return createDroppedItems(count, { path: `…[+${count} changes]` })
}

function limitValues(change: ChangeRecord, bytes: number): ChangeRecord {
  if (change instanceof DroppedItems) return change
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
  if (change instanceof DroppedItems) return change
  const mapped: ChangeRecord = { path: mapPath(change.path) }
  if (change.from !== undefined) mapped.from = mapValue(change.from) ?? null
  if (change.to !== undefined) mapped.to = mapValue(change.to) ?? null
  return mapped
}
