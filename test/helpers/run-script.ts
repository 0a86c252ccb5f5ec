import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(__dirname, '../..')

/** Runs a module in a process of its own, from the root of this repository. Rejects where it did not end with 0. */
export function runScript(script: string): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: root,
    timeout: 20_000,
  })
}
