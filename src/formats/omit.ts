// What nothing is known of is left out of a line: `JSON.stringify` writes no `undefined`.

/** The text, where there is any. */
export function ifSaid(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text
}

/** The list, where it has items. */
export function ifAny<Item>(items: Item[]): Item[] | undefined {
  return items.length > 0 ? items : undefined
}

/** The object, where any of its properties is known. */
export function ifKnown<Part extends object>(part: Part): Part | undefined {
  // Not by a list of the values: a record asks eight times, and that took 3 µs.
  for (const name in part) if (part[name] !== undefined) return part
  return undefined
}
