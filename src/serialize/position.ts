/**
 * Where the walk is: the path of keys from the value it started with, and what the hooks know about this position.
 *
 * @typeParam State belongs to the hooks; the walk only passes it on
 */
export class Position<State> {
  constructor(
    readonly key: string,
    readonly parent: Position<State> | undefined,
    readonly state: State,
    readonly depth = 0,
  ) {}

  /** The position of the value under a key of an object. */
  entry(key: string, state: State): Position<State> {
    return new Position(key, this, state, this.depth + 1)
  }

  /** The position of an item: it has the path of its list, and is one level deeper. */
  item(state: State): Position<State> {
    return new Position(this.key, this.parent, state, this.depth + 1)
  }

  withState(state: State): Position<State> {
    return new Position(this.key, this.parent, state, this.depth)
  }

  /** The keys from the start of the walk to here, joined by dots. Items of a list share the path of the list. */
  get path(): string {
    return this.parent === undefined ? this.key : `${this.parent.path}.${this.key}`
  }
}
