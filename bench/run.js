// Compares the CPU cost of a record with other loggers: the same app, bare and with each candidate, measured in alternating
// time slices of one run.
// Usage: npm run bench                  everything, about 20 minutes; installs the other loggers first, and updates the
//                                        tables in docs/performance.md
//        npm run bench -- --short       stdout to a file only, fewer rounds, under three minutes
//        npm run bench -- --smoke       checks that every candidate works; prints no figures
//        npm run bench -- --only 'pino|bare' --framework koa --destination pipe --rounds 9 --slice 2000 --output folder
// --only         regular expression on the names in candidates.js
// --framework    express or koa; both by default
// --destination  where stdout leads: file, pipe, null, or several separated by commas
// --rounds       number of time slices for each candidate; --slice: their length in milliseconds
// --connections  number of keep-alive connections; 64 by default
// --pin          pins the servers and their client to a processor each (needs `taskset`)
// --output       folder for table.md, plot.svg and raw/results.json; bench/results by default
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CANDIDATES } from './candidates.js'
import {
  alternate,
  COMPARISON_OPTIONS,
  placeClient,
  selectCandidates,
  selectFrameworks,
  summarizePairs,
} from './lib/comparison.js'
import { renderPlot, renderReport, renderSummary } from './lib/report.js'
import { COMMON_OPTIONS, describeRun, replaceBlock, saveRun, saveText } from './lib/save-run.js'
import { startServer } from './lib/server-under-load.js'
import { warmUp } from './lib/warm-up.js'

const { values: options } = parseArgs({
  options: {
    ...COMPARISON_OPTIONS,
    only: { type: 'string', default: '' },
    destination: { type: 'string' },
  },
})
const DOCUMENT = fileURLToPath(new URL('../docs/performance.md', import.meta.url))
const isShort = options.short || options.smoke
const settings = {
  frameworks: selectFrameworks(options.framework),
  destinations: (options.destination ?? (isShort ? 'file' : 'file,pipe,null')).split(','),
  rounds: Number(options.rounds ?? (options.short ? 3 : 5)),
  sliceMs: Number(options.slice ?? (options.short ? 300 : 1000)),
  warmUpRequests: options.smoke ? 200 : options.short ? 4000 : 10_000,
  connections: options.smoke ? 8 : Number(options.connections),
}
const only = new RegExp(options.only)
if (!Object.keys(CANDIDATES).some((name) => only.test(name)))
  throw new Error(`--only matches no candidate. The candidates are: ${Object.keys(CANDIDATES).join('; ')}`)
if (settings.frameworks.length === 0)
  throw new Error(`Expected --framework to be express or koa, got ${options.framework}`)
const unknown = settings.destinations.find((name) => !['file', 'pipe', 'null'].includes(name))
if (unknown !== undefined)
  throw new Error(
    `Expected --destination to be file, pipe or null, or several separated by commas, got ${unknown}`,
  )
const directory = mkdtempSync(join(tmpdir(), 'audit-bench-'))
placeClient(options)

const results = []
try {
  for (const framework of settings.frameworks) {
    for (const destination of settings.destinations) await compareAll(framework, destination)
  }
} finally {
  rmSync(directory, { recursive: true })
}
if (options.smoke)
  console.log(
    `All ${results.length} candidates write the expected lines. For figures, run it without --smoke.`,
  )
else report()

async function compareAll(framework, destination) {
  // A candidate with a file of its own costs the same wherever stdout leads.
  const isFirst = destination === settings.destinations[0]
  const names = selectCandidates(framework, only).filter((name) => isFirst || !CANDIDATES[name].hasOwnFile)
  const startWarm = async (name, env) => {
    const where = { ...settings, isPinned: options.pin, destination, directory, env }
    return warmUp(await startServer(framework, name, where), name, settings.warmUpRequests)
  }
  const bare = await startWarm('bare')
  const bareWithLargeBody = await startWarm('bare', { BENCH_LARGE_BODY: '1' })
  for (const name of names) {
    const server = await startWarm(name)
    const baseline = CANDIDATES[name].audited ? bareWithLargeBody : bare
    results.push({
      framework,
      destination,
      name,
      ...(options.smoke ? {} : await compare(baseline, server, name)),
    })
    if (!options.smoke) printProgress(results.at(-1))
    await server.stop()
  }
  await bare.stop()
  await bareWithLargeBody.stop()
}

async function compare(baseline, server, name) {
  const pairs = await alternate(settings.rounds, [baseline, server], async (one) => {
    const slice = await one.measure({ ms: settings.sliceMs })
    if (one === server) server.discardOutput(CANDIDATES[name].hasOwnFile)
    return slice
  })
  const summarizeBy = summarizePairs(pairs)
  return {
    isOurs: CANDIDATES[name].isOurs ?? false,
    /** Requests per second, relative to the bare app. */
    ratio: summarizeBy((base, own) => own.perSecond / base.perSecond),
    /** CPU time per request of the bare app, relative to the candidate's: the throughput on a processor of its own. */
    cpuRatio: summarizeBy((base, own) => base.cpuMicros / own.cpuMicros),
    addedMicros: summarizeBy((base, own) => own.cpuMicros - base.cpuMicros),
    bareMicros: summarizeBy((base) => base.cpuMicros),
    requests: pairs.reduce((sum, [, own]) => sum + own.requests, 0),
  }
}

function printProgress({ framework, destination, name, cpuRatio, ratio, addedMicros }) {
  const byCpu = `${cpuRatio.median.toFixed(2)} by CPU, ${addedMicros.median.toFixed(0)} us added`
  console.error(`${framework}, ${destination}, ${name}: ${byCpu}, ${ratio.median.toFixed(2)} by requests`)
}

function report() {
  const run = describeRun('npm run bench --', { settings, results })
  saveRun(options.output, 'results.json', run)
  saveText(options.output, 'table.md', renderReport(run))
  saveText(options.output, 'plot.svg', renderPlot(run))
  console.log(renderReport(run))
  console.log(`Saved table.md and plot.svg in ${options.output}, raw results in its folder raw/`)
  if (isComplete()) replaceBlock(DOCUMENT, 'bench', renderSummary(run, settings.destinations[0]))
}

/** Whether the run measured everything, and its results belong in the repository. */
function isComplete() {
  const { short, only, framework, destination, output } = options
  return !short && !only && !framework && !destination && output === COMMON_OPTIONS.output.default
}
