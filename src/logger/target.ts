import type { TargetRecord } from '../record/record.js'
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
export function describeTargets(targets: AuditTarget | readonly AuditTarget[]): TargetRecord[] {
  return [targets].flat().map((target) => {
    const { type, id } = readProperties(target as AuditTarget, TARGET_PROPERTIES)
    const text = toText(id)
    return text === '' ? { type: toText(type) } : { type: toText(type), id: text }
  })
}
