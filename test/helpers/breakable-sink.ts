import { type MemorySink, memory } from 'http-audit-log'

/** A sink in memory that throws while it is down. */
export function breakableSink(): MemorySink & { isDown: boolean } {
  const sink = memory()
  const { write } = sink
  return Object.assign(sink, {
    isDown: false,
    write(this: { isDown: boolean }, line: string) {
      if (this.isDown) throw new Error('down for the test')
      return write(line)
    },
  })
}
