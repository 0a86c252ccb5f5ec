/**
 * The contract of a sink: where lines go. What goes wrong in a sink is the pipeline's business: it keeps the
 * lines that were not accepted and gives them again.
 *
 * @example
 * const sink: Sink = { write: (line) => client.publish('audit', line) }
 */
export interface Sink {
  /**
   * Takes one line, which ends in its only `\n`. When it returns, or when the promise it returned is fulfilled,
   * the line is accepted; a throw or a rejection says that it was not, and the same line comes again later.
   */
  write(line: string): void | Promise<void>

  /** Gives back what the sink holds (a descriptor, a connection). A later `write` may take it again. */
  close?(): void | Promise<void>
}
