import { CANDIDATES } from '../candidates.js'

/**
 * Warms up a server, and throws unless it has written the expected number of lines: a logger that drops lines is fast.
 *
 * @returns the output per request in bytes, and its last line; both `undefined` where stdout cannot be read back
 */
export async function warmUp(server, name, requests) {
  await server.measure({ requests })
  const { linesPerRequest = 1, otherLines, hasOwnFile } = CANDIDATES[name]
  const output = await server.readOutput(hasOwnFile)
  server.discardOutput(hasOwnFile)
  if (output === undefined) return {}
  const lines = output
    .split('\n')
    .slice(0, -1)
    .filter((line) => otherLines?.test(line) !== true)
  if (lines.length !== requests * linesPerRequest)
    throw new Error(
      `Expected ${requests * linesPerRequest} lines from "${name}", got ${lines.length}. Is its output filtered or lost?`,
    )
  return { bytes: Math.round(Buffer.byteLength(output) / requests), line: lines.at(-1) }
}
