/** Longer than any process runs, and the longest delay that a timer takes. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * Keeps the process alive until a promise is settled. Otherwise a process with nothing else to do ends in the middle of an
 * `await`, with exit code 13 and without a word.
 */
export async function keepAliveDuring<Result>(promise: Promise<Result>): Promise<Result> {
  const timer = setInterval(() => {}, MAX_DELAY_MS)
  try {
    return await promise
  } finally {
    clearInterval(timer)
  }
}

/**
 * Waits for a promise, but not longer than `timeoutMs`. The process stays alive meanwhile.
 *
 * @returns `false` after the timeout; a later rejection of the promise is ignored
 * @throws the reason for which the promise is rejected
 */
export async function waitAtMost(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs)
  })
  try {
    return await Promise.race([promise.then(() => true), timeout])
  } finally {
    clearTimeout(timer)
  }
}
