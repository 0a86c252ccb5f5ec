// What a record costs, beside its peers: the same app, bare and with each candidate, slice by slice in the same run.
// Usage: npm run bench                  all of it, about 15 minutes
//        npm run bench -- --short       files only and fewer rounds, under three minutes
//        npm run bench -- --smoke       whether every candidate works, no figures
//        npm run bench -- --only 'pino|bare' --framework koa --destination pipe --rounds 9 --slice 2000
// --pin keeps the servers and their load on a processor each, where there is `taskset`.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CANDIDATES } from './candidates.js'
import { plotOf, tableOf } from './lib/report.js'
import { startServer } from './lib/server-under-load.js'
import { summarize } from './lib/statistics.js'

const { values: given } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    pin: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    framework: { type: 'string', default: '' },
    destination: { type: 'string' },
    rounds: { type: 'string' },
    slice: { type: 'string' },
    connections: { type: 'string', default: '64' },
    output: { type: 'string', default: fileURLToPath(new URL('results', import.meta.url)) },
  },
})
const isQuick = given.short || given.smoke
const settings = {
  frameworks: ['express', 'koa'].filter((name) => name.includes(given.framework)),
  destinations: (given.destination ?? (isQuick ? 'file' : 'file,pipe,null')).split(','),
  rounds: Number(given.rounds ?? (given.short ? 3 : 5)),
  sliceMs: Number(given.slice ?? (given.short ? 300 : 1000)),
  warmUpRequests: given.smoke ? 200 : given.short ? 4000 : 10_000,
  connections: given.smoke ? 8 : Number(given.connections),
}
const only = new RegExp(given.only)
const directory = mkdtempSync(join(tmpdir(), 'audit-bench-'))
if (given.pin) execFileSync('taskset', ['-acp', '0', String(process.pid)])

const results = []
try {
  for (const framework of settings.frameworks) {
    for (const destination of settings.destinations) await compareAll(framework, destination)
  }
} finally {
  rmSync(directory, { recursive: true })
}
if (given.smoke) console.log(`All ${results.length} leave the lines that they should.`)
else report()

async function compareAll(framework, destination) {
  const names = Object.keys(CANDIDATES).filter((name) => CANDIDATES[name][framework] && only.test(name))
  const start = (name, env) =>
    startServer(framework, name, { ...settings, isPinned: given.pin, destination, directory, env })
  const bare = await startWarm(await start('bare'))
  const wideBare = await startWarm(await start('bare', { BENCH_WIDE: '1' }))
  for (const name of names) {
    const server = await startWarm(await start(name), name)
    if (given.smoke) results.push({ framework, name })
    else results.push(await compare(CANDIDATES[name].audited ? wideBare : bare, server))
    await server.stop()

    async function compare(base, server) {
      const pairs = []
      for (let round = 0; round < settings.rounds; round++) {
        const inTurn = round % 2 === 0 ? [base, server] : [server, base]
        const slices = new Map()
        for (const one of inTurn) slices.set(one, await one.measure({ ms: settings.sliceMs }))
        server.forget(CANDIDATES[name].isToFile)
        pairs.push([slices.get(base), slices.get(server)])
      }
      const of = (compute) => summarize(pairs.map(([base, own]) => compute(base, own)))
      const result = {
        framework,
        destination,
        name,
        isOurs: CANDIDATES[name].isOurs ?? false,
        /** Requests per second to those of the bare app. */
        ratio: of((base, own) => own.perSecond / base.perSecond),
        /** CPU of the bare app for a request to that of the candidate: the ratio where the server has its processor alone. */
        cpuRatio: of((base, own) => base.cpuMicros / own.cpuMicros),
        addedMicros: of((base, own) => own.cpuMicros - base.cpuMicros),
        bareMicros: of((base) => base.cpuMicros),
        requests: pairs.reduce((sum, [, own]) => sum + own.requests, 0),
      }
      const { cpuRatio, addedMicros, ratio } = result
      console.error(
        `${framework}, ${destination}, ${name}: ${cpuRatio.median.toFixed(2)} by CPU, ${ratio.median.toFixed(2)} by requests, ${addedMicros.median.toFixed(0)} us`,
      )
      return result
    }
  }
  await bare.stop()
  await wideBare.stop()
}

/** A candidate that is fast because it does nothing shall not be in the table. */
async function startWarm(server, name = 'bare') {
  await server.measure({ requests: settings.warmUpRequests })
  const { linesEach = 1, isToFile } = CANDIDATES[name]
  const lines = await server.countLines(isToFile)
  const expected = settings.warmUpRequests * linesEach
  if (lines !== undefined && lines !== expected)
    throw new Error(`Expected ${expected} lines of ${name}, got ${lines}`)
  server.forget(isToFile)
  return server
}

function report() {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
  const run = {
    at: new Date().toISOString(),
    command: ['npm run bench --', ...process.argv.slice(2)].join(' '),
    node: process.version,
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} of them`,
    loadAverage: loadavg(),
    settings,
    versions: dependencies,
    results,
  }
  mkdirSync(given.output, { recursive: true })
  writeFileSync(join(given.output, 'results.json'), `${JSON.stringify(run, null, 2)}\n`)
  writeFileSync(join(given.output, 'table.md'), tableOf(run))
  writeFileSync(join(given.output, 'plot.svg'), plotOf(run))
  console.log(tableOf(run))
}
