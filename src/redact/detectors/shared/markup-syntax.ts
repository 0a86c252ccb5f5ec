// How tags of XML and HTML are written in texts: as they are, or escaped within HTML (`&lt;`) or JSON (`\u003c`).

export const OPEN = String.raw`(?:<|&lt;|\\u003c)`
export const CLOSE = String.raw`(?:>|&gt;|\\u003e)`
/** A start tag with its name (group 1) and its attributes (group 2). */
export const START_TAG = String.raw`${OPEN}([\w:.\x80-\uffff-]{1,100})((?:\s(?:(?!&[lg]t;|\\u003[ce])[^<>]){0,2000})?)${CLOSE}`

/** Finds end tags. Linear for any number of searches: a name that has no end tag is searched once. */
export class EndTags {
  readonly #text: string
  readonly #namesWithout = new Set<string>()

  constructor(text: string) {
    this.#text = text
  }

  /** Returns the index of the first end tag of this element behind an index; `undefined` if there is none. */
  find(name: string, start: number): number | undefined {
    if (this.#namesWithout.has(name)) return undefined
    const found = ['</', '&lt;/', '\\u003c/']
      .map((open) => this.#indexOf(`${open}${name}`, start))
      .filter((index) => index !== undefined)
    if (found.length > 0) return Math.min(...found)
    this.#namesWithout.add(name)
    return undefined
  }

  #indexOf(endTag: string, start: number): number | undefined {
    if (this.#namesWithout.has(endTag)) return undefined
    const index = this.#text.indexOf(endTag, start)
    if (index !== -1) return index
    this.#namesWithout.add(endTag)
    return undefined
  }
}
