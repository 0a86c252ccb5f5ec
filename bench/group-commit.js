// Measures `failClosed`, where a response leaves only after its record is stored: in the kernel's page cache, or with
// `fsync` on the disk. With `fsync`, one fdatasync(2) serves all records that are waiting (group commit). Two comparisons:
// requests per second with the default options, and the records per second of the sink alone with and without `fsync`.
// Usage: npm run build && node bench/group-commit.js [directory]    about 3 minutes; the directory should be on a real disk
//        node bench/group-commit.js --short                         half a minute
//        node bench/group-commit.js --smoke                         checks that it works; prints no usable figures
//        node bench/group-commit.js --framework koa --rounds 9 --slice 1000 --connections 64 --node 24
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CANDIDATES } from './candidates.js'
import { alternate, COMPARISON_OPTIONS, selectFrameworks, summarizePairs } from './lib/comparison.js'
import { atLeast } from './lib/goals.js'
import { formatSummary, markdownTable } from './lib/markdown-table.js'
import { majorOf, resolveNodes } from './lib/node-binaries.js'
import { AuditLogger, file } from './lib/package-under-test.js'
import { placeClient } from './lib/processors.js'
import { concludeRun } from './lib/save-run.js'
import { startServer } from './lib/server-under-load.js'
import { summarize } from './lib/statistics.js'
import { warmUp } from './lib/warm-up.js'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...COMPARISON_OPTIONS, framework: { type: 'string' } },
})
const nodes = resolveNodes(options.node)
const settings = {
  nodes: nodes.map(({ version }) => version),
  frameworks: selectFrameworks(options.framework ?? (options.smoke ? 'koa' : '')),
  destination: 'file',
  rounds: Number(options.rounds ?? (options.smoke ? 1 : options.short ? 3 : 9)),
  sliceMs: Number(options.slice ?? (options.smoke ? 100 : options.short ? 500 : 1500)),
  warmUpRequests: options.smoke ? 200 : options.short ? 2000 : 10_000,
  connections: options.smoke ? 8 : Number(options.connections),
  sinkRecords: options.smoke ? 500 : options.short ? 5000 : 20_000,
}
const DEFAULT = 'http-audit-log'
/** The goal for each candidate: the least share of the requests per second of the default. */
const GOALS = {
  [DEFAULT]: undefined,
  'http-audit-log, file()': undefined,
  'http-audit-log, failClosed': 0.9,
  'http-audit-log, failClosed, fsync': 0.5,
}
const directory = mkdtempSync(join(positionals[0] ?? tmpdir(), 'audit-bench-'))
placeClient(options)

const results = []
let sinkAlone
try {
  sinkAlone = await compareSinks()
  for (const node of nodes) {
    for (const framework of settings.frameworks) await compareServers(node, framework)
  }
} finally {
  rmSync(directory, { recursive: true })
}
report()

async function compareSinks() {
  const pairs = []
  for (let round = 0; round < settings.rounds; round++)
    pairs.push([await measureSink({ fsync: false }), await measureSink({ fsync: true })])
  return {
    perSecond: summarize(pairs.map(([without]) => without)),
    perSecondFsync: summarize(pairs.map(([, withFsync]) => withFsync)),
    ratio: summarize(pairs.map(([without, withFsync]) => withFsync / without)),
  }
}

/** Records per second of concurrent writers that each wait for their record before they write the next one. */
async function measureSink({ fsync }) {
  const sink = file(join(directory, `sink-${fsync}`), { fsync })
  const line = renderLine()
  let left = settings.sinkRecords
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: settings.connections }, async () => {
      while (left-- > 0) await sink.write(line)
    }),
  )
  const perSecond = settings.sinkRecords / ((performance.now() - startedAt) / 1000)
  await sink.close()
  return perSecond
}

function renderLine() {
  const lines = []
  new AuditLogger({ sink: { write: (line) => void lines.push(line) } })
    .info('A record of the usual size')
    .sendLog()
  return lines[0]
}

async function compareServers(node, framework) {
  const startWarm = async (name) => {
    const server = await startServer(framework, name, { ...settings, node, directory })
    await warmUp(server, name, settings.warmUpRequests)
    return server
  }
  const baseline = await startWarm(DEFAULT)
  for (const name of Object.keys(GOALS).filter((name) => !options.smoke || GOALS[name] !== undefined)) {
    const server = await startWarm(name)
    const pairs = await alternate(settings.rounds, [baseline, server], async (one) => {
      const slice = await one.measure({ ms: settings.sliceMs })
      one.discardOutput(one === server && CANDIDATES[name].hasOwnFile)
      return slice
    })
    await server.stop()
    const summarizeBy = summarizePairs(pairs)
    results.push({
      node: node.version,
      framework,
      name,
      /** Requests per second, relative to the default. */
      ratio: summarizeBy((base, own) => own.perSecond / base.perSecond),
      /** CPU time per request of the default, relative to the candidate's. */
      cpuRatio: summarizeBy((base, own) => base.cpuMicros / own.cpuMicros),
      perSecond: summarizeBy((_base, own) => own.perSecond),
      defaultPerSecond: summarizeBy((base) => base.perSecond),
    })
    console.error(`${framework}, ${name}: ${results.at(-1).ratio.median.toFixed(2)} of the default`)
  }
  await baseline.stop()
}

function report() {
  const goals = results
    .filter(({ name }) => GOALS[name] !== undefined)
    .map(({ node, framework, name, ratio }) =>
      atLeast(
        GOALS[name],
        ratio.median,
        `Node ${majorOf(node)}, ${framework}, ${name}: requests per second relative to the default`,
      ),
    )
  const rows = results.map(({ node, framework, name, ratio, cpuRatio, perSecond }) => ({
    'relative to the default': `Node ${majorOf(node)}, ${framework}, ${name === DEFAULT ? 'the default against itself' : name}`,
    'by requests': formatSummary(ratio),
    'by CPU': formatSummary(cpuRatio),
    'requests per second': Math.round(perSecond.median),
  }))
  const row = {
    'with fsync': Math.round(sinkAlone.perSecondFsync.median),
    'without fsync': Math.round(sinkAlone.perSecond.median),
    ratio: formatSummary(sinkAlone.ratio),
  }
  concludeRun(options, 'group-commit', {
    settings,
    sinkAlone,
    results,
    goals,
    tables: {
      [`${settings.connections} connections, median (quartiles) of ${settings.rounds} rounds`]:
        markdownTable(rows),
      [`Records per second of the sink alone, ${settings.connections} concurrent writers`]: markdownTable([
        row,
      ]),
    },
  })
}
