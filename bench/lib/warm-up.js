import { CANDIDATES } from '../candidates.js'

/** Warms up a server, and throws unless it has written the expected number of lines: a logger that drops lines is fast. */
export async function warmUp(server, name, requests) {
  await server.measure({ requests })
  const { linesPerRequest = 1, hasOwnFile } = CANDIDATES[name]
  const lines = await server.countLines(hasOwnFile)
  const expected = requests * linesPerRequest
  if (lines !== undefined && lines !== expected)
    throw new Error(
      `Expected ${expected} lines from "${name}", got ${lines}. Is its output filtered or lost?`,
    )
  server.discardOutput(hasOwnFile)
  return server
}
