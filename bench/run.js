// What a record costs, beside its peers: the same app, bare and with each candidate, slice by slice in the same run.
// Usage: npm run bench                  all of it, about 20 minutes; installs the peers first
//        npm run bench -- --short       files only and fewer rounds, under three minutes
//        npm run bench -- --smoke       whether every candidate works, no figures
//        npm run bench -- --only 'pino|bare' --framework koa --destination pipe --rounds 9 --slice 2000
// --pin keeps the servers and their load on a processor each, where there is `taskset`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CANDIDATES } from './candidates.js'
import {
  candidatesOf,
  frameworksNamed,
  inTurns,
  MEASURE_OPTIONS,
  placeLoad,
  summarizePairs,
} from './lib/measured.js'
import { plotOf, tableOf } from './lib/report.js'
import { describeRun, saveRun, saveText } from './lib/saved-run.js'
import { startServer } from './lib/server-under-load.js'
import { warmUp } from './lib/warm-up.js'

const { values: given } = parseArgs({
  options: {
    ...MEASURE_OPTIONS,
    only: { type: 'string', default: '' },
    destination: { type: 'string' },
  },
})
const isQuick = given.short || given.smoke
const settings = {
  frameworks: frameworksNamed(given.framework),
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
placeLoad(given)

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
  // To what has a file of its own it is all the same where stdout leads.
  const isFirst = destination === settings.destinations[0]
  const names = candidatesOf(framework, only).filter((name) => isFirst || !CANDIDATES[name].isToFile)
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
      const pairs = await inTurns(settings.rounds, [base, server], async (one) => {
        const slice = await one.measure({ ms: settings.sliceMs })
        if (one === server) server.forget(CANDIDATES[name].isToFile)
        return slice
      })
      const of = summarizePairs(pairs)
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
