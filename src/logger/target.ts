import { readSafely, suppressRejection } from '../lib/safe-read.js'
import type { TargetRecord } from '../record/record.js'
import { boundTargets, MAX_TARGETS } from '../record/targets.js'
import { toJson } from '../serialize/to-json.js'
import { toText } from '../serialize/to-text.js'
import { isPromiseLike } from './changes.js'
import { readProperties } from './read-properties.js'

/** An object on which an action is performed. */
export interface AuditTarget {
  /** @example 'Person' */
  readonly type: string
  /** Left out if it is not known, as that of an object to be created. */
  readonly id?: string | number | bigint | undefined
}

const TARGET_PROPERTIES = ['type', 'id'] as const

/** Describes one target, or a list of them, whatever they are. Never throws. */
export function describeTargets(value: unknown): { targets: TargetRecord[]; isTruncated: boolean } {
  const list = readSafely(() => (Array.isArray(value) ? (value as unknown[]) : [value])) ?? []
  const first = readSafely(() => list.slice(0, MAX_TARGETS)) ?? []
  const dropped = Math.max((readSafely(() => list.length) ?? 0) - first.length, 0)
  const known = first
    .map((target) => describeTarget(suppressRejection(target)))
    .filter(({ type, id }) => type !== '' || id !== undefined)
  return boundTargets(known, known.length + dropped)
}

/** A value that is no object names the type alone. */
function describeTarget(target: unknown): TargetRecord {
  if (typeof target !== 'object' || target === null) return { type: toText(target) }
  const { type, id } = readProperties(target as AuditTarget, TARGET_PROPERTIES)
  const text = isId(id) ? toText(id) : ''
  return text === '' ? { type: toText(type) } : { type: toText(type), id: text }
}

/** Not what stands for a mistake, as a number that could not be parsed. Models have ids with a `toJSON`, such as ObjectId. */
function isId(id: unknown): boolean {
  if (typeof id === 'number') return Number.isFinite(id)
  if (typeof id !== 'object' || id === null) return typeof id === 'string' || typeof id === 'bigint'
  return !isPromiseLike(id) && typeof toJson(id) === 'string'
}
