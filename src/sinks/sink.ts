/**
 * Where lines are written. A sink only writes: the pipeline buffers the lines that a sink does not accept, and writes
 * them again.
 *
 * @example
 * const sink: Sink = { write: (line) => client.publish('audit', line) }
 */
export interface Sink {
  /**
   * Writes one record as a line, which ends in its only `\n`. (Only the sinks that `mergeWorkers` makes for itself get
   * several lines at once.) The line is accepted when `write` returns, or when the promise that it returns is fulfilled.
   * After a throw or a rejection the same line is written again later.
   */
  write(line: string): void | Promise<void>

  /**
   * Called at start-up, by `auditLog()` or the first logger. What it throws is reported on stderr at once; it is called again,
   * or a record is written, until that succeeds.
   */
  open?(): void

  /**
   * Releases what the sink holds, such as a descriptor or a connection. A later `write` may open it again. Waited for at most
   * `sinkTimeoutMs`.
   */
  close?(): void | Promise<void>
}

// Under keys of the process, because the sink may come from another build of this package than its user.
const begunKey = Symbol.for('http-audit-log/line-begun@1')
const atOnceKey = Symbol.for('http-audit-log/writes-at-once@1')

/** Marks an error of `write`: a part of the line is written, and the rest follows before any other line. */
export function markLineBegun(error: unknown): void {
  if (typeof error === 'object' && error !== null) (error as { [begunKey]?: true })[begunKey] = true
}

export function isLineBegun(error: unknown): boolean {
  return typeof error === 'object' && error !== null && begunKey in error
}

/** Marks a sink that has written a line when `write` returns, also where it returns a promise: that is for the disk. */
export function markWritesAtOnce<Marked extends Sink>(sink: Marked): Marked {
  return Object.defineProperty(sink, atOnceKey, { value: true })
}

export function writesAtOnce(sink: Sink): boolean {
  return atOnceKey in sink
}
