// Measures `http-audit-log verify` on the built package: records a second, and the peak of its memory.
//   node bench/verify.js [--records 1000000] [--smoke]
// Goals: at least 50,000 records a second, and at most 300 MiB for a million records.
import { spawnSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { auditLog } from '../dist/esm/index.js'
import { seal } from '../dist/esm/seal.js'

const MIN_RECORDS_PER_SECOND = 50_000
const MAX_MEBIBYTES = 300
const CLI = fileURLToPath(new URL('../dist/esm/cli.js', import.meta.url))
/** Loaded before the command: prints what the process has used. */
const METER = `data:text/javascript,${encodeURIComponent(`process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  const cpu = (userCPUTime + systemCPUTime) / 1e6
  process.stderr.write(JSON.stringify({ maxRSS, seconds: performance.now() / 1000, cpu }))
})`)}`

const { values } = parseArgs({ options: { records: { type: 'string' }, smoke: { type: 'boolean' } } })
const count = values.smoke ? 2000 : Number(values.records ?? 1_000_000)
const folder = mkdtempSync(join(tmpdir(), 'bench-verify-'))
try {
  const path = join(folder, 'audit.log')
  const key = await writeLog(path)
  report(measure(path, key), statSync(path).size)
} finally {
  rmSync(folder, { recursive: true })
}

/** Writes a sealed log. @returns the verifier key */
async function writeLog(path) {
  const keys = run(['keygen', '--name', 'audit.example.org', '--json'])
  const { private_key: key, verifier_key: verifierKey } = JSON.parse(keys.stdout)
  const output = createWriteStream(path, { highWaterMark: 1 << 20 })
  const sink = { write: (line) => void output.write(line) }
  const audit = auditLog({ sink, seal: seal({ key }) })
  for (let number = 0; number < count; number++) {
    audit
      .logger()
      .setHttpRequest({
        method: 'GET',
        url: `https://bank.example.org/accounts/${number}`,
        userAgent: 'Mozilla/5.0 (bench)',
      })
      .setHttpResponse({ statusCode: 200 })
      .setUser({ authenticated: true, id: `user-${number % 1000}`, ip: '192.0.2.1' })
      .setFilter('Account', { number })
      .info('Account shown')
      .sendLog()
    if (output.writableNeedDrain) await new Promise((resolve) => output.once('drain', resolve))
  }
  await audit.close()
  output.end()
  await finished(output)
  return verifierKey
}

function measure(path, key) {
  const { status, stdout, stderr } = run(['verify', '--key', key, '--json', path], ['--import', METER])
  const { verdict, records } = JSON.parse(stdout)
  if (status !== 0 || records < count)
    throw new Error(`verify ended with ${status}: ${verdict}, ${records} records`)
  return { records, ...JSON.parse(stderr) }
}

function run(args, options = []) {
  const result = spawnSync(process.execPath, [...options, CLI, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (result.error) throw result.error
  return result
}

function report({ records, maxRSS, seconds, cpu }, bytes) {
  const perSecond = Math.round(records / seconds)
  const mebibytes = Math.round(maxRSS / 1024)
  console.log(
    `Node ${process.versions.node}: ${records} records (${Math.round(bytes / 1e6)} MB) in ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU: ` +
      `${perSecond} records/s (goal: ${MIN_RECORDS_PER_SECOND}), peak of ${mebibytes} MiB (goal: ${MAX_MEBIBYTES})`,
  )
  // The start of the process is most of a short run.
  if (!values.smoke && (perSecond < MIN_RECORDS_PER_SECOND || mebibytes > MAX_MEBIBYTES)) process.exitCode = 1
}
