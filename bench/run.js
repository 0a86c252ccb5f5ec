// Compares what a record costs with other loggers: requests per second relative to the bare app, and CPU time. All servers of
// one Node version, framework and destination run side by side and are measured in turns.
// Usage: npm run bench                  everything on the running Node; installs the other loggers first
//        npm run bench -- --node 24 --node 26 --node /path/to/node        about 14 minutes for each
//        npm run bench -- --short       the most important rows with stdout to a file, under three minutes
//        npm run bench -- --smoke       checks that every candidate works; prints no figures
//        npm run bench -- --only 'pino|bare' --framework koa --destination pipe --rounds 9 --slice 2000 --output folder
// --node         the Node that servers run on, several times if need be: the path of a binary, or a version, which is
//                installed from the npm registry. The client always runs on the running Node.
// --only         regular expression on the names in candidates.js
// --framework    express or koa; both by default
// --destination  where stdout leads: file, pipe, null, or several separated by commas; file,pipe by default
// --build        measures a further build of this package in the same run, several if need be: a folder of dist/ or an
//                absolute path, for example that of `dist/esm` before a change
// --rounds       number of time slices for each candidate; --slice: their length in milliseconds
// --connections  number of keep-alive connections; 64 by default
// --no-pin       does not pin the servers and their client to a processor each
// --output       folder for table.md, plot.svg and raw/results.json; bench/results by default
// A complete run into the default folder also updates the tables in docs/performance.md and README.md.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CANDIDATES } from './candidates.js'
import {
  COMPARISON_OPTIONS,
  selectCandidates,
  selectFrameworks,
  summarizePairs,
  takeTurns,
} from './lib/comparison.js'
import { printGoals } from './lib/goals.js'
import { resolveNodes } from './lib/node-binaries.js'
import { renderPlot } from './lib/plot.js'
import { isPinned, placeClient } from './lib/processors.js'
import { listRatioGoals } from './lib/ratio-goals.js'
import { renderReport } from './lib/report.js'
import { assertSameKeys } from './lib/same-keys.js'
import { describeRun, isComplete, saveRun, saveText } from './lib/save-run.js'
import { startServer } from './lib/server-under-load.js'
import { updateDocuments } from './lib/update-documents.js'
import { warmUp } from './lib/warm-up.js'

const { values: options } = parseArgs({
  options: {
    ...COMPARISON_OPTIONS,
    only: { type: 'string' },
    destination: { type: 'string' },
    build: { type: 'string', multiple: true, default: [] },
  },
})
const SHORT =
  '^(http-audit-log|(koa-)?pino-(http|logger)(, same content|, one write per line)?|floor: straight line|25 lines, stdout.write)$'
const only = new RegExp(options.only ?? (options.short ? SHORT : ''))
const isShort = options.short || options.smoke
const settings = {
  nodes: resolveNodes(options.node),
  frameworks: selectFrameworks(options.framework),
  destinations: (options.destination ?? (isShort ? 'file' : 'file,pipe')).split(','),
  rounds: Number(options.rounds ?? (options.short ? 11 : 9)),
  sliceMs: Number(options.slice ?? 500),
  // Fewer leave the compiler at work in the first rounds.
  warmUpRequests: options.smoke ? 200 : 20_000,
  connections: options.smoke ? 8 : Number(options.connections),
}
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
  for (const node of settings.nodes) {
    for (const framework of settings.frameworks) {
      for (const destination of settings.destinations) await compareAll(node, framework, destination)
    }
  }
} finally {
  rmSync(directory, { recursive: true })
}
if (options.smoke) {
  checkFloor()
  console.log(
    `All ${results.length} candidates write the expected lines. For figures, run it without --smoke.`,
  )
} else report()

async function compareAll(node, framework, destination) {
  // A candidate with a file of its own costs the same wherever stdout leads.
  const isFirst = destination === settings.destinations[0]
  const names = selectCandidates(framework, only).filter((name) => isFirst || !CANDIDATES[name].hasOwnFile)
  const started = []
  const startWarm = async (name, env, label = name) => {
    const where = { node, destination, directory, connections: settings.connections, env }
    const server = await startServer(framework, name, where)
    started.push(server)
    return { name, label, server, ...(await warmUp(server, name, settings.warmUpRequests)) }
  }
  const bare = await startWarm('bare')
  const bareWithLargeBody = await startWarm('bare', { BENCH_LARGE_BODY: '1' })
  const candidates = []
  for (const name of names) {
    const baseline = CANDIDATES[name].audited ? bareWithLargeBody : bare
    candidates.push({ ...(await startWarm(name)), baseline: baseline.server })
    if (options.smoke) await started.pop().stop()
  }
  for (const build of options.build) {
    const candidate = await startWarm('http-audit-log', { BENCH_BUILD: build }, `build ${build}`)
    candidates.push({ ...candidate, baseline: bare.server })
  }
  const pairs = options.smoke ? new Map() : await measureAll(candidates)
  for (const candidate of candidates) {
    const { label, bytes, line } = candidate
    const figures = options.smoke ? {} : summarizeCandidate(pairs.get(candidate))
    results.push({ node: node.version, framework, destination, name: label, bytes, line, ...figures })
    if (!options.smoke) printProgress(results.at(-1))
  }
  for (const server of started) await server.stop()
}

async function measureAll(candidates) {
  const withOwnFile = new Set(
    candidates.filter(({ name }) => CANDIDATES[name].hasOwnFile).map(({ server }) => server),
  )
  return takeTurns(candidates, settings.rounds, async (server) => {
    const slice = await server.measure({ ms: settings.sliceMs })
    server.discardOutput(withOwnFile.has(server))
    return slice
  })
}

function summarizeCandidate(pairs) {
  const ratioOf = ([base, own]) => own.perSecond / base.perSecond
  const addedBy = ([base, own]) => own.cpuMicros - base.cpuMicros
  const summarizeBy = summarizePairs(pairs)
  return {
    /** Requests per second, relative to the bare app. */
    ratio: summarizeBy((...pair) => ratioOf(pair)),
    /** CPU time per request above the bare app. */
    addedMicros: summarizeBy((...pair) => addedBy(pair)),
    bareMicros: summarizeBy((base) => base.cpuMicros),
    /** The share of a processor that the bare app uses: below 1, the client is the bottleneck. */
    bareBusy: summarizeBy((base) => (base.cpuMicros * base.perSecond) / 1e6),
    requests: pairs.reduce((sum, [, own]) => sum + own.requests, 0),
    rounds: { ratios: pairs.map(ratioOf), added: pairs.map(addedBy) },
  }
}

function printProgress({ node, framework, destination, name, ratio, addedMicros }) {
  const figures = `${ratio.median.toFixed(2)}, ${addedMicros.median.toFixed(0)} us added`
  console.error(`Node ${node}, ${framework}, ${destination}, ${name}: ${figures}`)
}

/** The floor is only a lower bound if its line has the same content as the default record. */
function checkFloor() {
  for (const floor of results.filter(({ name }) => name === 'floor: straight line')) {
    const ours = results.find(
      ({ name, framework }) => name === 'http-audit-log' && framework === floor.framework,
    )
    if (ours) assertSameKeys(JSON.parse(ours.line), JSON.parse(floor.line), floor.framework)
  }
}

function report() {
  const goals = listRatioGoals(results)
  const run = describeRun('npm run bench --', { settings: describeSettings(), results, goals })
  saveRun(options.output, 'results.json', run)
  saveText(options.output, 'table.md', renderReport(run))
  saveText(options.output, 'plot.svg', renderPlot(run))
  console.log(renderReport(run))
  printGoals(goals)
  console.log(`Saved table.md and plot.svg in ${options.output}, raw results in its folder raw/`)
  if (isComplete(options) && options.build.length === 0) updateDocuments(run)
}

function describeSettings() {
  return { ...settings, nodes: settings.nodes.map(({ version }) => version), isPinned: isPinned() }
}
