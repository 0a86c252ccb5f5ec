// Reports, once per process, that stdout is not what the promises of `stdout()` assume.
import { fstatSync, statSync } from 'node:fs'
import { announceReplacedStdout } from '../lib/replaced-output.js'
import { createReporter } from '../lib/reporter.js'

let isReplacementReported = false
let isDiscardReported = false

export function warnOfReplacement(): void {
  if (isReplacementReported) return
  isReplacementReported = true
  announceReplacedStdout()
  createReporter().notify(
    'Other code has replaced process.stdout.write, as PM2 does in cluster mode and tools do that capture output. Records are ' +
      'written through it: one counts as written when the replacement calls back, or when it returns if it has no parameter ' +
      'for a callback. What it still buffers is lost when the process ends. If that is not enough, use the sink file(path)',
  )
}

export function warnIfDiscarded(): void {
  if (isDiscardReported || !isDiscarded()) return
  isDiscardReported = true
  createReporter().notify(
    'stdout is closed or leads to /dev/null, so every audit record written to it is lost. Redirect stdout to a file or a ' +
      'pipe, or use the sink file(path)',
  )
}

/** Node opens /dev/null in place of a stdout that is closed when the process starts. */
function isDiscarded(): boolean {
  try {
    const { rdev } = fstatSync(1)
    return rdev !== 0 && rdev === statSync('/dev/null').rdev
  } catch {
    return false
  }
}
