import type { JsonValue } from './json-value.js'
import type { Position } from './position.js'
import type { WalkContinuation, WalkHooks } from './walk.js'

/** Hooks that change nothing. Subclasses override what they need. */
export class PlainHooks<State> implements WalkHooks<State> {
  entryState(parent: State): State {
    return parent
  }

  itemState(parent: State): State {
    return parent
  }

  copyValue(value: unknown, position: Position<State>, walk: WalkContinuation<State>): JsonValue | undefined {
    return walk.copyContent(value, position)
  }

  findMarkedKeys(): undefined {}

  replaceEntry(): undefined {}

  replaceItem(): undefined {}

  rewriteText(text: string, _position: Position<State>, _walk: WalkContinuation<State>): string {
    return text
  }

  rewriteKey(key: string, _position: Position<State>, _walk: WalkContinuation<State>): string {
    return key
  }
}
