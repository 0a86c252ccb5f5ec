import { readSafely } from '../lib/safe-read.js'
import type { TargetRecord } from '../record/record.js'
import { boundTargets, MAX_TARGETS } from '../record/targets.js'
import { toText } from '../serialize/to-text.js'
import { readProperties } from './read-properties.js'

/** An object on which an action is performed. */
export interface AuditTarget {
  /** @example 'Person' */
  readonly type: string
  /** Left out if it is not known, as that of an object to be created. */
  readonly id?: string | number | bigint | undefined
}

const TARGET_PROPERTIES = ['type', 'id'] as const

/** Never throws. */
export function describeTargets(targets: AuditTarget | readonly AuditTarget[]): {
  targets: TargetRecord[]
  isTruncated: boolean
} {
  const list = readSafely(() => (Array.isArray(targets) ? targets : [targets])) ?? []
  const first = readSafely(() => list.slice(0, MAX_TARGETS)) ?? []
  const described = first.map(describeTarget)
  const dropped = Math.max((readSafely(() => list.length) ?? 0) - first.length, 0)
  const known = described.filter(({ type, id }) => type !== '' || id !== undefined)
  return boundTargets(known, known.length + dropped)
}

function describeTarget(target: AuditTarget): TargetRecord {
  const { type, id } = readProperties(target, TARGET_PROPERTIES)
  const text = toText(id)
  return text === '' ? { type: toText(type) } : { type: toText(type), id: text }
}
