/** Identifies a process: ids are reused, so the time shows which process with this id it was. */
export interface ProcessMark {
  readonly pid: number
  /** Milliseconds since 1970. */
  readonly time: number
}

export function markProcess(): ProcessMark {
  return { pid: process.pid, time: Date.now() }
}

/** Whether the process has ended since. Threads of one process have the same id. */
export function hasEnded({ pid, time }: ProcessMark): boolean {
  // After a restart of a container, a process has the id of the one before it.
  if (pid === process.pid) return time < Date.now() - process.uptime() * 1000
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
