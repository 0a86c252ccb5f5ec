/** Whether the sink has accepted a line: known at once from a synchronous sink, later from an asynchronous one. */
export type Acceptance = boolean | Promise<boolean>

/** Whether all lines are accepted. A line that was refused decides at once. */
export function allAccepted(acceptances: readonly Acceptance[]): Acceptance {
  if (acceptances.includes(false)) return false
  const pending = acceptances.filter((acceptance) => acceptance !== true)
  if (pending.length === 0) return true
  return Promise.all(pending).then((answers) => !answers.includes(false))
}
