// The targets of a record. Bounded, because a handler may act on thousands of objects at once.
import { truncateToBytes, truncationMark } from '../serialize/truncate.js'
import type { TargetRecord } from './record.js'
import { jsonBytes, shortenList } from './shorten-value.js'

/** More do not help a reader, and an action on many objects is better recorded by what selects them. */
export const MAX_TARGETS = 100
const MAX_TEXT_BYTES = 512

/**
 * Stands in the list for targets that were dropped. A class, because `instanceof` tells it from a target of the application
 * that has the same text.
 */
export class DroppedTargets implements TargetRecord {
  readonly type: string
  readonly #count: number

  constructor(count: number) {
    this.type = `…[+${count} targets]`
    this.#count = count
  }

  get count(): number {
    return this.#count
  }
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
    ? { targets: [...bounded, new DroppedTargets(dropped)], isTruncated: true }
    : { targets: bounded, isTruncated: isCut }
}

export function shortenTargets(targets: readonly TargetRecord[], bytes: number): readonly TargetRecord[] {
  return shortenList(
    targets,
    bytes,
    (target) => jsonBytes(target as never),
    (target) => target,
    (dropped) => new DroppedTargets(countTargets(dropped)),
  )
}

/** A mark counts as the targets that it stands for. */
export function countTargets(targets: readonly TargetRecord[]): number {
  return targets.reduce((sum, target) => sum + (target instanceof DroppedTargets ? target.count : 1), 0)
}

function boundTarget({ type, id }: TargetRecord): TargetRecord {
  return id === undefined ? { type: boundText(type) } : { type: boundText(type), id: boundText(id) }
}

function boundText(text: string): string {
  const beginning = truncateToBytes(text, MAX_TEXT_BYTES)
  return beginning.length === text.length
    ? text
    : `${beginning}${truncationMark(text.length - beginning.length)}`
}
