// Copies a value so that the copy can be compared with another one.
import { Dictionary } from '../lib/dictionary.js'
import type { JsonValue } from './json-value.js'
import { PlainHooks } from './plain-hooks.js'
import type { Position } from './position.js'
import { Summary } from './summary.js'
import { TRUNCATION_MARK, truncateWithMark } from './truncate.js'
import { MAX_DEPTH, type WalkContinuation, walk } from './walk.js'

/** Longer texts are compared whole, and only the beginning is shown. */
const MAX_SHOWN_TEXT = 2048

/**
 * Stands in a copy for something whose text does not show whether it is the same. A function, because libraries that compare
 * values look into objects and compare functions by identity.
 */
export type OpaqueValue = (() => string) & {
  readonly kind: 'text' | 'binary' | 'unknown'
  readonly source: unknown
}

/** A scalar, a list or a {@link Dictionary} of them, or an {@link OpaqueValue}. */
export type ComparableValue = JsonValue | bigint | OpaqueValue

export interface ComparableCopy {
  readonly content: ComparableValue
  /**
   * The lists and objects of the copy that have only a part of their items or entries, with the number of those that the
   * original has, if it is known.
   */
  readonly incomplete: ReadonlyMap<object, number | undefined>
}

/** @param maxBytes about how many bytes of JSON the copy may have; a longer text counts by what is shown of it */
export function copyToCompare(value: unknown, maxBytes: number): ComparableCopy {
  const { content, isTruncated } = walk(value, { maxBytes, hooks: new ComparableHooks(), state: undefined })
  const incomplete = new Map<object, number | undefined>()
  return { content: isTruncated ? removeSummaries(content, incomplete) : content, incomplete }
}

export function isOpaque(value: unknown): value is OpaqueValue {
  return typeof value === 'function'
}

/** Whether two values without items are the same; `undefined` if that cannot be known. */
export function isSameValue(one: unknown, other: unknown): boolean | undefined {
  if (isOpaque(one) && isOpaque(other)) {
    if (one.kind === 'unknown' || other.kind === 'unknown') return undefined
    if (one.kind !== other.kind) return false
    return one.kind === 'text' ? one.source === other.source : hasSameBytes(one.source, other.source)
  }
  // In JSON a bigint is a text.
  return toComparableText(one) === toComparableText(other)
}

/** Returns the copy as JSON, except that bigints stay what they are. */
export function showCopy(value: ComparableValue): JsonValue | bigint {
  if (isOpaque(value)) return value()
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => showCopy(item) as JsonValue)
  const shown = new Dictionary<JsonValue>()
  for (const key of Object.keys(value)) shown[key] = showCopy(value[key] as JsonValue) as JsonValue
  return shown
}

class ComparableHooks extends PlainHooks<undefined> {
  override copyValue(
    value: unknown,
    position: Position<undefined>,
    walk: WalkContinuation<undefined>,
  ): JsonValue | undefined {
    switch (typeof value) {
      case 'string':
        walk.spend(Math.min(value.length, MAX_SHOWN_TEXT) + BYTES_AROUND_A_VALUE)
        return limitText(value)
      case 'number':
        // JSON has no negative zero.
        return walk.copyContent(value === 0 ? 0 : value, position)
      case 'bigint':
        walk.spend(BYTES_OF_A_NUMBER)
        return (BigInt.asIntN(64, value) === value ? value : String(value)) as unknown as JsonValue
      case 'function':
        // JSON leaves it out.
        return undefined
      default:
        return copyOpaqueObject(value, position) ?? walk.copyContent(value, position)
    }
  }

  /** For what a `toJSON` returned; other texts do not get here. */
  override rewriteText(text: string): string {
    // The walk was out of room, so the rest of the text is not known.
    return (TRUNCATION_MARK.test(text) ? createOpaque('unknown', text, text) : limitText(text)) as string
  }
}

const BYTES_AROUND_A_VALUE = 4
const BYTES_OF_A_NUMBER = 24

function copyOpaqueObject(value: unknown, position: Position<undefined>): JsonValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return createOpaque('binary', `[Binary: ${value.byteLength} bytes]`, value) as unknown as JsonValue
  return position.depth >= MAX_DEPTH
    ? (createOpaque('unknown', '[Too deep]', value) as unknown as JsonValue)
    : undefined
}

function limitText(text: string): JsonValue {
  if (text.length <= MAX_SHOWN_TEXT) return text
  return createOpaque('text', truncateWithMark(text, MAX_SHOWN_TEXT), text) as unknown as JsonValue
}

function createOpaque(kind: OpaqueValue['kind'], shown: string, source: unknown): OpaqueValue {
  return Object.assign(() => shown, { kind, source })
}

function hasSameBytes(one: unknown, other: unknown): boolean {
  return toBuffer(one as ArrayBufferView | ArrayBuffer).equals(
    toBuffer(other as ArrayBufferView | ArrayBuffer),
  )
}

function toBuffer(value: ArrayBufferView | ArrayBuffer): Buffer {
  return ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(value)
}

function toComparableText(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** Replaces the summaries in a copy by what they keep, and collects the lists and objects that are not complete. */
function removeSummaries(
  value: ComparableValue,
  incomplete: Map<object, number | undefined>,
): ComparableValue {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Summary) {
    if (typeof value.kept === 'object' && value.kept !== null) incomplete.set(value.kept, value.count)
    return removeSummaries(value.kept, incomplete)
  }
  const entries = value as Record<string, JsonValue>
  for (const key of Object.keys(entries)) {
    // Where the walk ran out of room, it cut the key.
    if (!Array.isArray(value) && TRUNCATION_MARK.test(key)) {
      if (!incomplete.has(value)) incomplete.set(value, undefined)
      delete entries[key]
    } else {
      entries[key] = removeSummaries(entries[key] as JsonValue, incomplete) as JsonValue
    }
  }
  return value
}
