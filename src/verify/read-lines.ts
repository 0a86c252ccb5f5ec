// Splits bytes into lines. The input may be damaged or hostile, so a line without an end cannot fill the memory.

/** Some lines of an input. */
export interface Lines {
  readonly lines: readonly string[]
  /** How many lines were skipped because they are too long. */
  readonly tooLong: number
  /** How many bytes were read for them. */
  readonly bytes: number
}

/** Far above what `maxRecordBytes` allows in practice. */
const MAX_LINE_BYTES = 16 * 1024 * 1024

const LINE_FEED = 0x0a

/** Yields the lines of each chunk together, because a step for each line would take most of the time. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes = MAX_LINE_BYTES,
): AsyncGenerator<Lines> {
  const splitter = new LineSplitter(maxBytes)
  for await (const chunk of chunks)
    yield splitter.split(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
  yield splitter.end()
}

class LineSplitter {
  readonly #maxBytes: number
  /** The beginning of a line whose end was not read yet. */
  #partial: Buffer[] = []
  #partialBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  split(chunk: Buffer): Lines {
    const end = chunk.lastIndexOf(LINE_FEED)
    if (end === -1) {
      this.#keep(chunk)
      return { lines: [], tooLong: 0, bytes: chunk.length }
    }
    const firstEnd = chunk.indexOf(LINE_FEED)
    const { lines: first, tooLong } = this.#finish(chunk.subarray(0, firstEnd))
    const others = end > firstEnd ? chunk.toString('utf8', firstEnd + 1, end).split('\n') : []
    const lines = first.concat(others)
    this.#keep(chunk.subarray(end + 1))
    return { lines, tooLong, bytes: chunk.length }
  }

  end(): Lines {
    return { ...this.#finish(Buffer.alloc(0)), bytes: 0 }
  }

  /** The rest of a line that is too long is counted and dropped. */
  #keep(part: Buffer): void {
    this.#partialBytes += part.length
    if (this.#partialBytes > this.#maxBytes) this.#partial = []
    // A copy: the stream may write into its buffer again.
    else if (part.length > 0) this.#partial.push(Buffer.from(part))
  }

  #finish(part: Buffer): { lines: string[]; tooLong: number } {
    this.#keep(part)
    const isTooLong = this.#partialBytes > this.#maxBytes
    const text = Buffer.concat(this.#partial).toString('utf8')
    this.#partial = []
    this.#partialBytes = 0
    return { lines: isTooLong || text === '' ? [] : [text], tooLong: isTooLong ? 1 : 0 }
  }
}
