/**
 * The contract of a sink: where lines go.
 *
 * @example
 * const sink: Sink = { write: (line) => client.publish('audit', line) }
 */
export interface Sink {
  /**
   * Takes one line, which ends in its only `\n`. When it returns, or when the promise it returned is fulfilled,
   * the line is accepted; a throw or a rejection says that it was not.
   */
  write(line: string): void | Promise<void>
}
