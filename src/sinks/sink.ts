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
