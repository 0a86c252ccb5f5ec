/** The CPU time that a function takes, milliseconds. Unlike elapsed time it does not depend on other processes. */
export function measureCpuMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
