// The targets of a record. Bounded, because a handler may act on thousands of objects at once.
import { truncateWithMark } from '../serialize/truncate.js'
import { countItems, createDroppedItems } from './dropped-items.js'
import type { TargetRecord } from './record.js'
import { jsonBytes, shortenList } from './shorten-value.js'

/** More do not help a reader, and an action on many objects is better recorded by what selects them. */
export const MAX_TARGETS = 100
const MAX_TEXT_BYTES = 512

function markDropped(count: number): TargetRecord {
  return createDroppedItems(count, { type: `…[+${count} targets]` })
}

/** @param count of all targets, of which the list may have only the first ones */
export function boundTargets(
  targets: readonly TargetRecord[],
  count = targets.length,
): { targets: TargetRecord[]; isTruncated: boolean } {
  const bounded = targets.slice(0, MAX_TARGETS).map(boundTarget)
  const isCut = bounded.some(
    ({ type, id }, index) => type !== targets[index]?.type || id !== targets[index]?.id,
  )
  const dropped = count - bounded.length
  return dropped > 0
    ? { targets: [...bounded, markDropped(dropped)], isTruncated: true }
    : { targets: bounded, isTruncated: isCut }
}

export function shortenTargets(targets: readonly TargetRecord[], bytes: number): readonly TargetRecord[] {
  return shortenList(
    targets,
    bytes,
    (target) => jsonBytes(target as never),
    (target) => target,
    (dropped) => markDropped(countItems(dropped)),
  )
}

function boundTarget({ type, id }: TargetRecord): TargetRecord {
  return id === undefined ? { type: boundText(type) } : { type: boundText(type), id: boundText(id) }
}

function boundText(text: string): string {
  return truncateWithMark(text, MAX_TEXT_BYTES)
}
