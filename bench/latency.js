// What a record adds to the time that a client waits, while the server is half as busy as it can be: requests come at half
// the rate that the bare app can answer, bare and with each candidate, slice by slice in the same run.
// Usage: npm run build && node bench/latency.js            about 6 minutes
//        node bench/latency.js --short                     under a minute
//        node bench/latency.js --smoke                     whether it works, no figures
//        node bench/latency.js --only 'pino|bare' --framework koa --rounds 9 --slice 2000 --rate 3000 --pin
// The load needs a processor for itself, and a second one is for the servers; --pin keeps them there. The bare app against
// itself says what difference means nothing, and `noticed late` by how much the load was not there when a request was due.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CANDIDATES } from './candidates.js'
import { atMost } from './lib/goals.js'
import { markdownTable, withSpread } from './lib/markdown-table.js'
import {
  candidatesOf,
  frameworksNamed,
  inTurns,
  MEASURE_OPTIONS,
  placeLoad,
  summarizePairs,
} from './lib/measured.js'
import { concludeRun } from './lib/saved-run.js'
import { startServer } from './lib/server-under-load.js'
import { quantile, sorted, summarize } from './lib/statistics.js'
import { warmUp } from './lib/warm-up.js'

const { values: given } = parseArgs({
  options: {
    ...MEASURE_OPTIONS,
    only: { type: 'string' },
    destination: { type: 'string', default: 'file' },
    rate: { type: 'string' },
  },
})
const settings = {
  frameworks: frameworksNamed(given.framework),
  destination: given.destination,
  rounds: Number(given.rounds ?? (given.smoke ? 1 : given.short ? 5 : 15)),
  sliceMs: Number(given.slice ?? (given.smoke ? 100 : given.short ? 500 : 2000)),
  warmUpRequests: given.smoke ? 200 : given.short ? 10_000 : 20_000,
  connections: given.smoke ? 8 : Number(given.connections),
}
/** A server that is less busy than this could do more: its load is what has reached an end. */
const SATURATED = 0.9
const MEASURED = '^(bare|http-audit-log|floor: the record, unprotected|pino-http|koa-pino-logger)$'
const only = new RegExp(given.only ?? (given.smoke ? '^http-audit-log$' : MEASURED))
const directory = mkdtempSync(join(tmpdir(), 'audit-latency-'))
placeLoad(given)

const results = []
try {
  for (const framework of settings.frameworks) await compareAll(framework)
} finally {
  rmSync(directory, { recursive: true })
}
report()

async function compareAll(framework) {
  const { destination, connections, warmUpRequests } = settings
  const startWarm = async (name) => {
    const where = { destination, directory, connections, isPinned: given.pin }
    return warmUp(await startServer(framework, name, where), name, warmUpRequests)
  }
  const bare = await startWarm('bare')
  for (const name of candidatesOf(framework, only)) {
    const server = await startWarm(name)
    const result = { framework, name, ...(await compare(bare, server, name)) }
    await server.stop()
    results.push(result)
    const { saturation, saturatedBusy, addedP99 } = result
    console.error(
      `${framework}, ${name}: ${addedP99.median} ms more at p99, bare answers ${saturation.median.toFixed(0)} a second`,
    )
    if (saturatedBusy.median < SATURATED && !given.smoke)
      console.error('It can do more, but the load cannot: see --pin and --rate')
  }
  await bare.stop()
}

async function compare(bare, server, name) {
  const saturated = []
  const pairs = await inTurns(settings.rounds, [bare, server], async (one, round) => {
    // Each time anew: a processor that is shared is not as fast in this minute as it was in the last.
    saturated[round] ??= await bare.measure({ ms: settings.sliceMs / 2 })
    const perSecond = Number(given.rate ?? saturated[round].perSecond / 2)
    const slice = describe(await one.measureSteadily({ perSecond, ms: settings.sliceMs }))
    if (one === server) server.forget(CANDIDATES[name].isToFile)
    return slice
  })
  const of = summarizePairs(pairs)
  return {
    isOurs: CANDIDATES[name].isOurs ?? false,
    /** What the bare app answers in a second when it is asked all it can do, and how busy it is then. */
    saturation: summarize(saturated.map((slice) => slice.perSecond)),
    saturatedBusy: summarize(saturated.map((slice) => (slice.cpuMicros * slice.perSecond) / 1e6)),
    /** Milliseconds, and quartiles over the rounds. */
    addedP50: of((base, own) => own.p50 - base.p50),
    addedP99: of((base, own) => own.p99 - base.p99),
    p50: { bare: of((base) => base.p50), own: of((_base, own) => own.p50) },
    p99: { bare: of((base) => base.p99), own: of((_base, own) => own.p99) },
    /** Of all requests of all rounds. */
    p99OfAll: { bare: p99OfAll(pairs.map(([base]) => base)), own: p99OfAll(pairs.map(([, own]) => own)) },
    /** The share of a processor that the server needs. */
    busy: { bare: of((base) => base.busy), own: of((_base, own) => own.busy) },
    noticedLateP99: of((base, own) => Math.max(base.noticedLateP99, own.noticedLateP99)),
    /** How many found all connections in use. */
    waited: { bare: sumOf(pairs, ([base]) => base.waited), own: sumOf(pairs, ([, own]) => own.waited) },
    requests: sumOf(pairs, ([, own]) => own.latencies.length),
  }
}

function describe({ latencies, noticedLate, waited, busy }) {
  const inOrder = sorted(latencies)
  return {
    latencies,
    p50: quantile(inOrder, 0.5),
    p99: quantile(inOrder, 0.99),
    noticedLateP99: quantile(sorted(noticedLate), 0.99),
    waited,
    busy,
  }
}

function p99OfAll(slices) {
  return Number(quantile(sorted(slices.flatMap(({ latencies }) => latencies)), 0.99).toFixed(3))
}

function sumOf(pairs, numberOf) {
  return pairs.reduce((sum, pair) => sum + numberOf(pair), 0)
}

function rateOf(ofFramework) {
  const { median } = summarize(ofFramework.map(({ saturation }) => saturation.median))
  return given.rate ?? `about ${Math.round(median / 2)}`
}

/** What the bare app seems to add to itself, the farther quartile; or how late the load was, where that is more. */
function noiseOf({ framework, noticedLateP99 }) {
  const itself = results.find((result) => result.framework === framework && result.name === 'bare')
  const { low, high } = itself?.addedP99 ?? { low: 0, high: 0 }
  return Math.max(Math.abs(low), Math.abs(high), noticedLateP99.median)
}

function report() {
  const goals = results
    .filter(({ isOurs }) => isOurs)
    .map((result) => {
      const { framework, name, addedP99 } = result
      return atMost(1, addedP99.median, `${framework}, ${name}: milliseconds added to p99`, noiseOf(result))
    })
  const tables = {}
  for (const framework of settings.frameworks) {
    const ofFramework = results.filter((result) => result.framework === framework)
    const rows = ofFramework.map(
      ({ name, addedP50, addedP99, p99, p99OfAll, busy, noticedLateP99, waited }) => ({
        [framework]: name === 'bare' ? 'bare against itself' : name,
        'added to p50, ms': withSpread(addedP50),
        'added to p99, ms': withSpread(addedP99),
        'p99, ms': `${p99.bare.median.toFixed(2)} -> ${p99.own.median.toFixed(2)}`,
        'of all rounds': `${p99OfAll.bare.toFixed(2)} -> ${p99OfAll.own.toFixed(2)}`,
        busy: `${busy.bare.median.toFixed(2)} -> ${busy.own.median.toFixed(2)}`,
        'noticed late, p99': noticedLateP99.median.toFixed(2),
        waited: `${waited.bare} -> ${waited.own}`,
      }),
    )
    tables[`${framework}, ${rateOf(ofFramework)} requests a second`] = markdownTable(rows)
  }
  concludeRun(given, 'latency', { settings, results, goals, tables })
}
