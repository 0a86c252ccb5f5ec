/** The runtime that executes this program. Bun and Deno set `process.versions.node` too, for compatibility. */
export const RUNTIME = findRuntime(process.versions)

export interface Runtime {
  readonly name: 'node' | 'bun' | 'deno'
  /** Name and version for messages, such as `Bun 1.4.5`. */
  readonly description: string
}

export function findRuntime({ node, bun, deno }: NodeJS.ProcessVersions): Runtime {
  if (bun !== undefined) return { name: 'bun', description: `Bun ${bun}` }
  if (deno !== undefined) return { name: 'deno', description: `Deno ${deno}` }
  return { name: 'node', description: `Node.js ${node}` }
}
