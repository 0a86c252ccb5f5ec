import { writeSync } from 'node:fs'

/** Blocks until a full pipe has room. A line this short is written completely or not at all (pipe(7), PIPE_BUF). */
export function writeLine(line) {
  for (;;) {
    try {
      return writeSync(1, line)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}
