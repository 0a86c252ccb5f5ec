// Compares the evidence of this package with golang.org/x/mod/sumdb, in both directions. Prints one line for each check.
// Where Go or the module is not available it prints SKIPPED, and the exit code is 0.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const tsx = join(here, '../../node_modules/.bin/tsx')
const folder = mkdtempSync(join(tmpdir(), 'interop-'))
const program = join(folder, 'interop')
const FORMATS = ['audit', 'ecs', 'ocsf']

try {
  const obstacle = findObstacle()
  if (obstacle === undefined) check()
  else console.log(`SKIPPED: ${obstacle}`)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}

/** Why the check cannot run on this machine. */
function findObstacle() {
  const download = go(['mod', 'download'])
  if (download.error !== undefined) return 'Go is not installed'
  if (download.status !== 0) return `the modules could not be downloaded: ${download.stderr.trim()}`
  const build = go(['build', '-mod=readonly', '-o', program, '.'])
  if (build.status !== 0) throw new Error(`The Go program does not compile:\n${build.stderr}`)
}

function go(args) {
  // Another Go than the one that is installed would be downloaded otherwise.
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '' }
  return spawnSync('go', args, { cwd: here, env, encoding: 'utf8' })
}

function check() {
  run(tsx, [join(here, 'make-input.ts'), folder])
  const key = readFileSync(join(folder, 'verifier.key'), 'utf8')
  run(program, ['numbers', join(folder, 'numbers.json')])
  for (const format of FORMATS) {
    console.log(`# format ${format}`)
    const log = join(folder, `${format}.log`)
    run(program, ['log', key, '-'], readFileSync(log))
    run(program, ['bundle', key, join(folder, `${format}.bundle`)])
    run(program, ['make', folder, log])
    run(tsx, [join(here, 'check-output.ts'), folder])
  }
  run(program, ['consistency', key, join(folder, 'consistency.json')])
  const text = readFileSync(join(folder, 'note.txt'))
  const signed = execFileSync(program, ['sign', join(folder, 'signing.key')], { input: text })
  if (!signed.equals(readFileSync(join(folder, 'note.signed')))) throw new Error('FAILED: the notes differ')
  console.log('ok: a key of ours signs the same note in Go, byte for byte')
}

function run(command, args, input) {
  const { status, stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8' })
  process.stdout.write(stdout)
  if (status !== 0) throw new Error(`${stderr}FAILED: ${command} ${args.join(' ')}`)
}
