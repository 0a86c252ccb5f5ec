// The items of a list that stand for others, as the mark at the end of a shortened text stands for characters.

/** A class, because `instanceof` tells such an item from one of the application that has the same text. */
export class DroppedItems {
  readonly #count: number

  constructor(count: number) {
    this.#count = count
  }

  get count(): number {
    return this.#count
  }
}

/**
 * Creates the item that stands for others.
 *
 * @param shown what the record has of it
 * @example createDroppedItems(3, { path: '…[+3 changes]' })
 */
export function createDroppedItems<Shown extends object>(count: number, shown: Shown): DroppedItems & Shown {
  return Object.assign(new DroppedItems(count), shown)
}

/** A mark counts as the items that it stands for. */
export function countItems(items: readonly object[]): number {
  return items.reduce((sum, item) => sum + (item instanceof DroppedItems ? item.count : 1), 0)
}
