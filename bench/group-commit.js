// What it costs that a record is safe before its response leaves: `failClosed` with a file that the kernel has, and with
// one that is on the disk, where one fdatasync(2) serves all records that wait. Requests per second to those of the
// default, which writes to stdout and holds nothing back; and of the sink alone, with fsync to without.
// Usage: npm run build && node bench/group-commit.js [directory]    about 3 minutes; in which the files are, on a disk
//        node bench/group-commit.js --short                         half a minute
//        node bench/group-commit.js --smoke                         whether it works, no figures
//        node bench/group-commit.js --framework koa --rounds 9 --slice 1000 --connections 64 --pin
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { AuditLogger, file } from '../dist/esm/index.js'
import { CANDIDATES } from './candidates.js'
import { atLeast } from './lib/goals.js'
import { markdownTable, withSpread } from './lib/markdown-table.js'
import { frameworksNamed, inTurns, MEASURE_OPTIONS, placeLoad, summarizePairs } from './lib/measured.js'
import { concludeRun } from './lib/saved-run.js'
import { startServer } from './lib/server-under-load.js'
import { summarize } from './lib/statistics.js'
import { warmUp } from './lib/warm-up.js'

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...MEASURE_OPTIONS,
    framework: { type: 'string' },
  },
})
const settings = {
  frameworks: frameworksNamed(given.framework ?? (given.smoke ? 'koa' : '')),
  destination: 'file',
  rounds: Number(given.rounds ?? (given.smoke ? 1 : given.short ? 3 : 9)),
  sliceMs: Number(given.slice ?? (given.smoke ? 100 : given.short ? 500 : 1500)),
  warmUpRequests: given.smoke ? 200 : given.short ? 2000 : 10_000,
  connections: given.smoke ? 8 : Number(given.connections),
  recordsOfSink: given.smoke ? 500 : given.short ? 5000 : 20_000,
}
const DEFAULT = 'http-audit-log'
/** What is measured, and the least of the default that we want it to reach. */
const LEAST = {
  [DEFAULT]: undefined,
  'http-audit-log, file()': undefined,
  'http-audit-log, failClosed': 0.9,
  'http-audit-log, failClosed, fsync': 0.5,
}
const directory = mkdtempSync(join(positionals[0] ?? tmpdir(), 'audit-bench-'))
placeLoad(given)

const results = []
let sinkAlone
try {
  sinkAlone = await compareSinks()
  for (const framework of settings.frameworks) await compareServers(framework)
} finally {
  rmSync(directory, { recursive: true })
}
report()

async function compareSinks() {
  const pairs = []
  for (let round = 0; round < settings.rounds; round++)
    pairs.push([await throughSink(false), await throughSink(true)])
  return {
    perSecond: summarize(pairs.map(([without]) => without)),
    perSecondFsync: summarize(pairs.map(([, withFsync]) => withFsync)),
    ratio: summarize(pairs.map(([without, withFsync]) => withFsync / without)),
  }
}

/** Records per second: each of the writers waits for its record before it writes the next. */
async function throughSink(fsync) {
  const sink = file(join(directory, `sink-${fsync}`), { fsync })
  const lines = []
  new AuditLogger({ sink: { write: (line) => void lines.push(line) } })
    .info('A record of the usual size')
    .sendLog()
  let left = settings.recordsOfSink
  const begin = performance.now()
  await Promise.all(
    Array.from({ length: settings.connections }, async () => {
      while (left-- > 0) await sink.write(lines[0])
    }),
  )
  const perSecond = settings.recordsOfSink / ((performance.now() - begin) / 1000)
  await sink.close()
  return perSecond
}

/** Slice by slice with the default. */
async function compareServers(framework) {
  const startWarm = async (name) => {
    const server = await startServer(framework, name, { ...settings, directory, isPinned: given.pin })
    return warmUp(server, name, settings.warmUpRequests)
  }
  const usual = await startWarm(DEFAULT)
  for (const name of Object.keys(LEAST).filter((name) => !given.smoke || LEAST[name] !== undefined)) {
    const server = await startWarm(name)
    const pairs = await inTurns(settings.rounds, [usual, server], async (one) => {
      const slice = await one.measure({ ms: settings.sliceMs })
      one.forget(one === server && CANDIDATES[name].isToFile)
      return slice
    })
    await server.stop()
    const of = summarizePairs(pairs)
    results.push({
      framework,
      name,
      /** Requests per second to those of the default. */
      ratio: of((base, own) => own.perSecond / base.perSecond),
      /** CPU of the default for a request to that of this one. */
      cpuRatio: of((base, own) => base.cpuMicros / own.cpuMicros),
      perSecond: of((_base, own) => own.perSecond),
      defaultPerSecond: of((base) => base.perSecond),
    })
    console.error(`${framework}, ${name}: ${results.at(-1).ratio.median.toFixed(2)} of the default`)
  }
  await usual.stop()
}

function report() {
  const goals = results
    .filter(({ name }) => LEAST[name] !== undefined)
    .map(({ framework, name, ratio }) =>
      atLeast(LEAST[name], ratio.median, `${framework}, ${name}: requests to those of the default`),
    )
  const rows = results.map(({ framework, name, ratio, cpuRatio, perSecond }) => ({
    'to the default': `${framework}, ${name === DEFAULT ? 'the default against itself' : name}`,
    'by requests': withSpread(ratio),
    'by CPU': withSpread(cpuRatio),
    'requests a second': Math.round(perSecond.median),
  }))
  const row = {
    fsync: Math.round(sinkAlone.perSecondFsync.median),
    without: Math.round(sinkAlone.perSecond.median),
    ratio: withSpread(sinkAlone.ratio),
  }
  concludeRun(given, 'group-commit', {
    settings,
    sinkAlone,
    results,
    goals,
    tables: {
      [`${settings.connections} connections, median (quartiles) of ${settings.rounds} rounds`]:
        markdownTable(rows),
      [`The sink alone, ${settings.connections} that wait: records a second`]: markdownTable([row]),
    },
  })
}
