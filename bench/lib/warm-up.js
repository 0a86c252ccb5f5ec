import { CANDIDATES } from '../candidates.js'

/** A candidate that is fast because it does nothing shall not be in the table. */
export async function warmUp(server, name, requests) {
  await server.measure({ requests })
  const { linesEach = 1, isToFile } = CANDIDATES[name]
  const lines = await server.countLines(isToFile)
  const expected = requests * linesEach
  if (lines !== undefined && lines !== expected)
    throw new Error(`Expected ${expected} lines of ${name}, got ${lines}`)
  server.forget(isToFile)
  return server
}
