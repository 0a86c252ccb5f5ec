// Redact the values and the keys of a value apart: what was compared by its keys must keep them until then.
import type { JsonValue } from '../../serialize/json-value.js'
import { PlainHooks } from '../../serialize/plain-hooks.js'
import type { Position } from '../../serialize/position.js'
import type { WalkContinuation } from '../../serialize/walk.js'
import { RedactionHooks } from './redaction-hooks.js'
import { enterTable, type RedactionState } from './redaction-state.js'
import type { TextRewriter } from './text-rewriter.js'

/** Redacts values, and leaves keys as they are. */
export class ValueHooks extends RedactionHooks {
  override copyValue(
    value: unknown,
    position: Position<RedactionState>,
    walk: WalkContinuation<RedactionState>,
  ): JsonValue | undefined {
    const isRoot = position.parent === undefined
    return isRoot && typeof value === 'object' && value !== null
      ? walk.copyContent(value, enterTable(value, position, this.sensitiveKeys))
      : super.copyValue(value, position, walk)
  }

  override rewriteKey(key: string): string {
    return key
  }
}

/** Redacts keys, and leaves values as they are. */
export class KeyHooks extends PlainHooks<RedactionState> {
  readonly #texts: TextRewriter

  constructor(texts: TextRewriter) {
    super()
    this.#texts = texts
  }

  override rewriteKey(
    key: string,
    position: Position<RedactionState>,
    walk: WalkContinuation<RedactionState>,
  ): string {
    return this.#texts.rewriteKey(key, position, walk)
  }
}
