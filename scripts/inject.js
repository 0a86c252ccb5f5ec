// Runs the test suite of another project with the middleware mounted in front of every application in it, and compares
// the results with those of an empty middleware (test/injection/preload.ts).
// Usage: node scripts/inject.js <folder> [--variant default,fail-closed] [--details 20] -- <test command>
// Example: node scripts/inject.js ../express -- npx mocha --require test/support/env --reporter spec test/
// --variant  names of test/injection/variants.ts, separated by commas; all by default
// --details  how many differing tests and mismatches to print for each variant; 20 by default
// The test command must print one line per test, as Mocha's and Node's spec reporters, `jest --verbose` and TAP do. The
// control runs twice: a test whose result differs between the two is listed as unstable, and not compared.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const ALL_VARIANTS = 'default,fail-closed,fail-closed-late,context,stages,stages-fail-closed'
const root = join(import.meta.dirname, '..')

const separator = process.argv.indexOf('--')
const command = separator === -1 ? [] : process.argv.slice(separator + 1)
const { values: options, positionals } = parseArgs({
  args: process.argv.slice(2, separator === -1 ? undefined : separator),
  options: {
    variant: { type: 'string', default: ALL_VARIANTS },
    details: { type: 'string', default: '20' },
  },
  allowPositionals: true,
})
const [folder] = positionals
if (folder === undefined || command.length === 0) {
  console.error(
    'Usage: node scripts/inject.js <folder> [--variant names] [--details count] -- <test command>',
  )
  process.exit(2)
}

const temporary = mkdtempSync(join(tmpdir(), 'audit-injection-'))
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))
const preload = join(temporary, 'preload.mjs')
await build({
  entryPoints: [join(root, 'test/injection/preload.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['@opentelemetry/api'],
  // A dependency that is CommonJS calls `require`.
  banner: {
    js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)",
  },
  outfile: preload,
  logLevel: 'warning',
})

const control = await run('control')
if (control.tests.size === 0) {
  console.error(`${control.output}\nThe command printed no test, see above.`)
  process.exit(2)
}
const unstable = differingTests(control, await run('control')).map(({ title }) => title)
let hasDifferences = false
const rows = [describeRun('control', control, [])]
const details = []
for (const variant of options.variant.split(',')) {
  const result = await run(variant)
  const differing = differingTests(control, result).filter(({ title }) => !unstable.includes(title))
  hasDifferences ||= differing.length > 0 || result.mismatches.length > 0
  rows.push(describeRun(variant, result, differing))
  details.push(...describeDetails(variant, result, differing))
}
console.table(rows)
for (const title of unstable) console.log(`unstable: ${title}`)
for (const line of details) console.log(line)
process.exitCode = hasDifferences ? 1 : 0

/** Runs the test command once. */
async function run(variant) {
  const reports = join(temporary, `${variant}-${performance.now()}`)
  mkdirSync(reports)
  const [program, ...args] = command
  const child = spawn(program, args, {
    cwd: resolve(folder),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${pathToFileURL(preload)}`,
      AUDIT_INJECTION_REPORT: reports,
      AUDIT_INJECTION_VARIANT: variant,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk
    })
  }
  await new Promise((done, fail) => child.on('close', done).on('error', fail))
  const processes = readdirSync(reports).map((file) => JSON.parse(readFileSync(join(reports, file), 'utf8')))
  return {
    tests: parseTests(output),
    output,
    requests: sum(processes.flatMap(({ requests }) => Object.values(requests))),
    observed: sum(processes.map(({ observed }) => observed)),
    mismatches: processes.flatMap(({ mismatches }) => mismatches),
  }
}

/** How often each test passed and failed, by its title. */
function parseTests(output) {
  const tests = new Map()
  for (const line of output.split('\n')) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal.
    const plain = line.replaceAll(/\u001b\[[\d;]*m/g, '').trim()
    const [, mark, title] = /^(✓|✔|√|ok \d+|✖|✕|✗|×|not ok \d+|\d+\))(?: -)? (.*)$/.exec(plain) ?? []
    if (title === undefined) continue
    const name = title.replace(/ \(?\d+(?:\.\d+)? ?m?s\)?$/, '').replace(/ # .*$/, '')
    const counts = tests.get(name) ?? { passed: 0, failed: 0 }
    counts[/^[✓✔√o]/.test(mark) ? 'passed' : 'failed'] += 1
    tests.set(name, counts)
  }
  return tests
}

function differingTests(one, other) {
  return [...new Set([...one.tests.keys(), ...other.tests.keys()])]
    .map((title) => ({ title, before: showCounts(one, title), after: showCounts(other, title) }))
    .filter(({ before, after }) => before !== after)
}

function showCounts({ tests }, title) {
  const { passed, failed } = tests.get(title) ?? { passed: 0, failed: 0 }
  return `${passed} passed, ${failed} failed`
}

function describeRun(variant, { tests, requests, observed, mismatches }, differing) {
  const counts = [...tests.values()]
  return {
    variant,
    passed: sum(counts.map(({ passed }) => passed)),
    failed: sum(counts.map(({ failed }) => failed)),
    requests,
    'clients observed': observed,
    'tests that differ': differing.length,
    mismatches: mismatches.length,
  }
}

function describeDetails(variant, { mismatches }, differing) {
  const lines = [
    ...differing.map(({ title, before, after }) => `test: ${title}: ${before}; with the middleware ${after}`),
    ...mismatches.map(
      ({ framework, transport, request, problem, client, record }) =>
        `mismatch: ${framework}, ${transport}, ${request}: ${problem}: ` +
        `client ${JSON.stringify(client)}, record ${JSON.stringify(record)}`,
    ),
  ]
  const shown = lines.slice(0, Number(options.details)).map((line) => `${variant}: ${line}`)
  return lines.length > shown.length ? [...shown, `${variant}: ${lines.length - shown.length} more`] : shown
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0)
}
