// Jest's globalSetup: a folder for the programs that child-process.ts compiles, shared by all test files of a run.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export default function createCompiledFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), 'audit-compiled-'))
  chmodSync(folder, 0o755)
  process.env.AUDIT_COMPILED_FOLDER = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}
