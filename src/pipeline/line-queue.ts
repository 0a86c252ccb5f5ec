import type { Line } from './delivery.js'

/** How many lines that were taken are kept before their room is given back, all at once. */
const MAX_TAKEN = 1024

/** Lines in the order of `seq`. Taking the first costs the same however many there are. */
export class LineQueue {
  readonly #lines: Line[] = []
  #taken = 0

  get length(): number {
    return this.#lines.length - this.#taken
  }

  get first(): Line | undefined {
    return this.#lines[this.#taken]
  }

  takeFirst(): void {
    this.#taken += 1
    if (this.#taken < MAX_TAKEN && this.#taken < this.#lines.length) return
    this.#lines.splice(0, this.#taken)
    this.#taken = 0
  }

  /** Where it belongs, which is nearly always at the end. */
  insert(line: Line): void {
    let place = this.#lines.length
    while (place > this.#taken && (this.#lines[place - 1] as Line).seq > line.seq) place -= 1
    this.#lines.splice(place, 0, line)
  }
}
