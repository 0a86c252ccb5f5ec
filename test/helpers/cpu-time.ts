/** The CPU time that a function takes, milliseconds. Unlike elapsed time it does not depend on other processes. */
export function measureCpuMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const MAX_ATTEMPTS = 3

/**
 * Whether a function takes at most so much CPU time in one of a few attempts. Garbage collection, compilation and a
 * processor that is shared with others slow down single attempts; a function that does too much is slow in all of them.
 *
 * @example expect(takesAtMostMs(2000, () => redactText(long, context))).toBe(true)
 */
export function takesAtMostMs(limit: number, run: () => void): boolean {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) if (measureCpuMs(run) <= limit) return true
  return false
}
