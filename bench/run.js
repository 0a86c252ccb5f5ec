// What a record costs, beside its peers: the same app, bare and with each candidate, slice by slice in the same run.
// Usage: npm run bench                  all of it, about 20 minutes; installs the peers first
//        npm run bench -- --short       files only and fewer rounds, under three minutes
//        npm run bench -- --smoke       whether every candidate works, no figures
//        npm run bench -- --only 'pino|bare' --framework koa --destination pipe --rounds 9 --slice 2000
// --pin keeps the servers and their load on a processor each, where there is `taskset`.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CANDIDATES } from './candidates.js'
import { plotOf, tableOf } from './lib/report.js'
import { COMMON_OPTIONS, describeRun, saveRun, saveText } from './lib/saved-run.js'
import { startServer } from './lib/server-under-load.js'
import { summarize } from './lib/statistics.js'
import { warmUp } from './lib/warm-up.js'

const { values: given } = parseArgs({
  options: {
    ...COMMON_OPTIONS,
    pin: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    framework: { type: 'string', default: '' },
    destination: { type: 'string' },
    rounds: { type: 'string' },
    slice: { type: 'string' },
    connections: { type: 'string', default: '64' },
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
if (!Object.keys(CANDIDATES).some((name) => only.test(name)) || settings.frameworks.length === 0) {
  throw new Error(
    `There is none of that name. There are: ${Object.keys(CANDIDATES).join('; ')}; express and koa`,
  )
}
const unknown = settings.destinations.find((name) => !['file', 'pipe', 'null'].includes(name))
if (unknown !== undefined) throw new Error(`Expected file, pipe or null as --destination, got ${unknown}`)
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
  const names = Object.keys(CANDIDATES).filter((name) => {
    const { [framework]: mount, isToFile } = CANDIDATES[name]
    // To what has a file of its own it is all the same where stdout leads.
    return mount && only.test(name) && !(isToFile && destination !== settings.destinations[0])
  })
  const start = (name, env) =>
    startServer(framework, name, { ...settings, isPinned: given.pin, destination, directory, env })
  const startWarm = async (name, env) => warmUp(await start(name, env), name, settings.warmUpRequests)
  const bare = await startWarm('bare')
  const wideBare = await startWarm('bare', { BENCH_WIDE: '1' })
  for (const name of names) {
    const server = await startWarm(name)
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

function report() {
  const run = describeRun('npm run bench --', { settings, results })
  saveRun(given.output, 'results.json', run)
  saveText(given.output, 'table.md', tableOf(run))
  saveText(given.output, 'plot.svg', plotOf(run))
  console.log(tableOf(run))
  console.log(`Saved in ${given.output}`)
}
