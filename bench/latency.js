// Measures how much longer a client waits for a response when the server writes records, at half of the request rate that
// the bare app can answer. The bare app and each candidate are measured in alternating time slices of one run.
// Usage: npm run build && node bench/latency.js            about 6 minutes
//        node bench/latency.js --short                     under a minute
//        node bench/latency.js --smoke                     checks that it works; prints no usable figures
//        node bench/latency.js --node 24 --only 'pino|bare' --framework koa --rounds 9 --slice 2000 --rate 3000
// The client needs a processor of its own, and the servers a second one. The row of the bare app
// against itself shows the noise. `sent late` shows how late the client was in sending the requests that were due.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CANDIDATES } from './candidates.js'
import {
  alternate,
  COMPARISON_OPTIONS,
  selectCandidates,
  selectFrameworks,
  summarizePairs,
} from './lib/comparison.js'
import { atMost } from './lib/goals.js'
import { formatSummary, markdownTable } from './lib/markdown-table.js'
import { majorOf, resolveNodes } from './lib/node-binaries.js'
import { placeClient } from './lib/processors.js'
import { concludeRun } from './lib/save-run.js'
import { startServer } from './lib/server-under-load.js'
import { quantile, sort, summarize } from './lib/statistics.js'
import { warmUp } from './lib/warm-up.js'

const { values: options } = parseArgs({
  options: {
    ...COMPARISON_OPTIONS,
    only: { type: 'string' },
    destination: { type: 'string', default: 'file' },
    rate: { type: 'string' },
  },
})
const nodes = resolveNodes(options.node)
const settings = {
  nodes: nodes.map(({ version }) => version),
  frameworks: selectFrameworks(options.framework),
  destination: options.destination,
  rounds: Number(options.rounds ?? (options.smoke ? 1 : options.short ? 5 : 15)),
  sliceMs: Number(options.slice ?? (options.smoke ? 100 : options.short ? 500 : 2000)),
  warmUpRequests: options.smoke ? 200 : options.short ? 10_000 : 20_000,
  connections: options.smoke ? 8 : Number(options.connections),
}
/** Below this share of a processor the server is not saturated, and the client is the bottleneck. */
const SATURATED = 0.9
const MEASURED = '^(bare|http-audit-log|floor: straight line|pino-http|koa-pino-logger)$'
const only = new RegExp(options.only ?? (options.smoke ? '^http-audit-log$' : MEASURED))
const directory = mkdtempSync(join(tmpdir(), 'audit-latency-'))
placeClient(options)

const results = []
try {
  for (const node of nodes) {
    for (const framework of settings.frameworks) await compareAll(node, framework)
  }
} finally {
  rmSync(directory, { recursive: true })
}
report()

async function compareAll(node, framework) {
  const { destination, connections, warmUpRequests } = settings
  const startWarm = async (name) => {
    const server = await startServer(framework, name, { node, destination, directory, connections })
    await warmUp(server, name, warmUpRequests)
    return server
  }
  const bare = await startWarm('bare')
  for (const name of selectCandidates(framework, only)) {
    const server = await startWarm(name)
    const result = { node: node.version, framework, name, ...(await compare(bare, server, name)) }
    await server.stop()
    results.push(result)
    const { saturation, saturatedBusy, addedP99 } = result
    console.error(
      `Node ${node.version}, ${framework}, ${name}: ${addedP99.median} ms added to p99; the bare app answers ${saturation.median.toFixed(0)} requests per second`,
    )
    if (saturatedBusy.median < SATURATED && !options.smoke)
      console.error('The client cannot saturate the bare app. Set a rate with --rate.')
  }
  await bare.stop()
}

async function compare(bare, server, name) {
  const saturated = []
  const pairs = await alternate(settings.rounds, [bare, server], async (one, round) => {
    // Measured in every round, because the speed of a shared processor changes from minute to minute.
    saturated[round] ??= await bare.measure({ ms: settings.sliceMs / 2 })
    const perSecond = Number(options.rate ?? saturated[round].perSecond / 2)
    const slice = summarizeSlice(await one.measureAtConstantRate({ perSecond, ms: settings.sliceMs }))
    if (one === server) server.discardOutput(CANDIDATES[name].hasOwnFile)
    return slice
  })
  const summarizeBy = summarizePairs(pairs)
  return {
    isOurs: CANDIDATES[name].isOurs ?? false,
    /** Requests per second of the saturated bare app, and the share of a processor that it uses then. */
    saturation: summarize(saturated.map((slice) => slice.perSecond)),
    saturatedBusy: summarize(saturated.map((slice) => (slice.cpuMicros * slice.perSecond) / 1e6)),
    /** Milliseconds; the quartiles are over the rounds. */
    addedP50: summarizeBy((base, own) => own.p50 - base.p50),
    addedP99: summarizeBy((base, own) => own.p99 - base.p99),
    p50: { bare: summarizeBy((base) => base.p50), own: summarizeBy((_base, own) => own.p50) },
    p99: { bare: summarizeBy((base) => base.p99), own: summarizeBy((_base, own) => own.p99) },
    /** Over the requests of all rounds. */
    p99OfAll: { bare: p99OfAll(pairs.map(([base]) => base)), own: p99OfAll(pairs.map(([, own]) => own)) },
    /** The share of a processor that the server uses. */
    busy: { bare: summarizeBy((base) => base.busy), own: summarizeBy((_base, own) => own.busy) },
    sentLateP99: summarizeBy((base, own) => Math.max(base.sentLateP99, own.sentLateP99)),
    /** Requests that had to wait for a free connection. */
    queued: { bare: sumOf(pairs, ([base]) => base.queued), own: sumOf(pairs, ([, own]) => own.queued) },
    requests: sumOf(pairs, ([, own]) => own.latencies.length),
  }
}

function summarizeSlice({ latencies, sentLate, queued, busy }) {
  const sorted = sort(latencies)
  return {
    latencies,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    sentLateP99: quantile(sort(sentLate), 0.99),
    queued,
    busy,
  }
}

function p99OfAll(slices) {
  return Number(quantile(sort(slices.flatMap(({ latencies }) => latencies)), 0.99).toFixed(3))
}

function sumOf(pairs, select) {
  return pairs.reduce((sum, pair) => sum + select(pair), 0)
}

function describeRate(ofFramework) {
  const { median } = summarize(ofFramework.map(({ saturation }) => saturation.median))
  return options.rate ?? `about ${Math.round(median / 2)}`
}

/** The farther quartile of the bare app against itself, or the lateness of the client where that is more. */
function noiseOf({ node, framework, sentLateP99 }) {
  const itself = results.find(
    (one) => one.node === node && one.framework === framework && one.name === 'bare',
  )
  const { low, high } = itself?.addedP99 ?? { low: 0, high: 0 }
  return Math.max(Math.abs(low), Math.abs(high), sentLateP99.median)
}

function report() {
  const goals = results
    .filter(({ isOurs }) => isOurs)
    .map((result) => {
      const { node, framework, name, addedP99 } = result
      const label = `Node ${majorOf(node)}, ${framework}, ${name}: milliseconds added to p99`
      return atMost(1, addedP99.median, label, noiseOf(result))
    })
  const tables = {}
  for (const node of settings.nodes) {
    for (const framework of settings.frameworks) {
      const ofFramework = results.filter((one) => one.node === node && one.framework === framework)
      const title = `Node ${node}, ${framework}, ${describeRate(ofFramework)} requests per second`
      tables[title] = markdownTable(ofFramework.map(renderRow))
    }
  }
  concludeRun(options, 'latency', { settings, results, goals, tables })
}

function renderRow({ framework, name, addedP50, addedP99, p99, p99OfAll, busy, sentLateP99, queued }) {
  return {
    [framework]: name === 'bare' ? 'bare against itself' : name,
    'added to p50, ms': formatSummary(addedP50),
    'added to p99, ms': formatSummary(addedP99),
    'p99, ms': `${p99.bare.median.toFixed(2)} -> ${p99.own.median.toFixed(2)}`,
    'p99 of all rounds, ms': `${p99OfAll.bare.toFixed(2)} -> ${p99OfAll.own.toFixed(2)}`,
    busy: `${busy.bare.median.toFixed(2)} -> ${busy.own.median.toFixed(2)}`,
    'sent late, p99, ms': sentLateP99.median.toFixed(2),
    queued: `${queued.bare} -> ${queued.own}`,
  }
}
