// What a record costs in memory. First, of each request in flight above the bare app: thousands are held open by a handler
// that waits. Then over a million requests: whether the heap grows, after garbage collection. bench/soak.js asks the
// second of requests that fail and are aborted, and counts listeners and timers too.
// Usage: npm run build && node bench/memory.js       about 10 minutes
//        node bench/memory.js --short                100,000 requests, about a minute
//        node bench/memory.js --smoke                whether it works, no figures
//        node bench/memory.js --only bare --framework koa --rounds 5 --in-flight 4000 --requests 1000000
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { CANDIDATES } from './candidates.js'
import { atMost } from './lib/goals.js'
import { openLoad } from './lib/load.js'
import { markdownTable, withSpread } from './lib/markdown-table.js'
import { candidatesOf, frameworksNamed, summarizePairs } from './lib/measured.js'
import { COMMON_OPTIONS, concludeRun } from './lib/saved-run.js'
import { startServer } from './lib/server-under-load.js'

const { values: given } = parseArgs({
  options: {
    ...COMMON_OPTIONS,
    only: { type: 'string' },
    framework: { type: 'string', default: '' },
    rounds: { type: 'string' },
    'in-flight': { type: 'string' },
    requests: { type: 'string' },
  },
})
const settings = {
  frameworks: frameworksNamed(given.framework),
  /** To a file, a million records are a gigabyte. */
  destination: 'null',
  connections: 64,
  warmUpRequests: given.smoke ? 100 : given.short ? 3000 : 10_000,
  rounds: Number(given.rounds ?? (given.smoke ? 1 : given.short ? 3 : 7)),
  inFlight: Number(given['in-flight'] ?? (given.smoke ? 100 : given.short ? 2000 : 4000)),
  marks: given.smoke ? 2 : 10,
  requests: Number(given.requests ?? (given.smoke ? 400 : given.short ? 100_000 : 1_000_000)),
}
const MEASURED = '^(bare|http-audit-log|http-audit-log, currentAudit\\(\\)|pino-http|koa-pino-logger)$'
const GROWING = ['bare', 'http-audit-log']
/** Caches fill and code is compiled until the third of ten marks. */
const WARM_UP = 0.3
/** What comes and goes with the code that V8 compiles and throws away. */
const NO_GROWTH_BYTES = 512 * 1024
const only = new RegExp(given.only ?? (given.smoke ? '^http-audit-log$' : MEASURED))
const directory = mkdtempSync(join(tmpdir(), 'audit-memory-'))

const inFlight = []
const growth = []
try {
  for (const framework of settings.frameworks) {
    const names = candidatesOf(framework, only)
    inFlight.push(...(await compareInFlight(framework, names)))
    for (const name of names.filter((name) => GROWING.includes(name)))
      growth.push({ framework, name, ...(await measureGrowth(framework, name)) })
  }
} finally {
  rmSync(directory, { recursive: true })
}
report()

async function start(framework, name) {
  const server = await startServer(framework, name, { ...settings, directory, env: { BENCH_HOLD: '1' } })
  await server.measure({ requests: settings.warmUpRequests })
  // The first time tables grow that stay as large as they are.
  if (!given.smoke) await holdRequests(server)
  return server
}

async function compareInFlight(framework, names) {
  const bare = await start(framework, 'bare')
  const found = []
  for (const name of names) {
    const server = await start(framework, name)
    const pairs = []
    for (let round = 0; round < settings.rounds; round++)
      pairs.push([await holdRequests(bare), await holdRequests(server)])
    await server.stop()
    const of = summarizePairs(pairs)
    const result = {
      framework,
      name,
      isOurs: CANDIDATES[name].isOurs ?? false,
      /** Bytes for each request in flight, its connection included. */
      bare: of((base) => base.held),
      addedInFlight: of((base, own) => own.held - base.held),
      /** Bytes for each connection that has had its answer and is kept alive. */
      addedIdle: of((base, own) => own.idle - base.idle),
    }
    console.error(
      `${framework}, ${name}: ${result.addedInFlight.median} bytes more for each request in flight, ${result.bare.median} of the bare app`,
    )
    found.push(result)
  }
  await bare.stop()
  return found
}

/** New connections, each with one request that waits. */
async function holdRequests(server) {
  const before = await memoryOf(server)
  const load = await openLoad(server.port, settings.inFlight)
  await server.ask('hold')
  const answered = load.run({ requests: settings.inFlight })
  await until(server, ({ held }) => held === settings.inFlight)
  const held = await memoryOf(server)
  await server.ask('release')
  await answered
  const idle = await memoryOf(server)
  load.close()
  await until(server, ({ connections }) => connections === settings.connections)
  return { held: (held - before) / settings.inFlight, idle: (idle - before) / settings.inFlight }
}

async function memoryOf(server) {
  const { bytes } = await server.ask('memory')
  return bytes
}

async function until(server, isSo) {
  for (let tries = 0; tries < 500; tries++) {
    if (isSo(await server.ask('state'))) return
    await delay(20)
  }
  throw new Error(`After 10 s: ${JSON.stringify(await server.ask('state'))}`)
}

async function measureGrowth(framework, name) {
  const server = await start(framework, name)
  const marks = []
  for (let mark = 0; mark < settings.marks; mark++) {
    await server.measure({ requests: Math.ceil(settings.requests / settings.marks) })
    marks.push(await memoryOf(server))
  }
  await server.stop()
  const measured = marks.slice(Math.max(0, WARM_UP * settings.marks - 1))
  const bytes = Math.round(mean(measured.slice(-2)) - mean(measured.slice(0, 2)))
  console.error(`${framework}, ${name}: ${bytes} bytes more after ${settings.requests} requests`)
  return { isOurs: CANDIDATES[name].isOurs ?? false, requests: settings.requests, marks, bytes }
}

function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

function report() {
  const labelOf = ({ framework, name }) => `${framework}, ${name === 'bare' ? 'bare against itself' : name}`
  const goals = [
    ...inFlight
      .filter(({ isOurs }) => isOurs)
      .map((one) => atMost(2048, one.addedInFlight.median, `${labelOf(one)}: bytes added in flight`)),
    ...growth
      .filter(({ isOurs }) => isOurs)
      .map((one) => atMost(NO_GROWTH_BYTES, one.bytes, `${labelOf(one)}: bytes of growth`)),
  ]
  const tables = {
    [`${settings.inFlight} requests in flight: bytes of each, ${settings.rounds} rounds`]: markdownTable(
      inFlight.map((one) => ({
        'who is measured': labelOf(one),
        'bare app': one.bare.median.toFixed(0),
        'added in flight': withSpread(one.addedInFlight, 0),
        'added to a connection after its answer': withSpread(one.addedIdle, 0),
      })),
    ),
    [`${settings.requests} requests: heap after garbage collection, KiB`]: markdownTable(
      growth.map(({ framework, name, marks, bytes }) => ({
        'who is measured': `${framework}, ${name}`,
        ...Object.fromEntries(
          marks.map((mark, index) => [`${index + 1} of ${marks.length}`, Math.round(mark / 1024)]),
        ),
        'growth after warm-up': Math.round(bytes / 1024),
      })),
    ),
  }
  concludeRun(given, 'memory', { settings, inFlight, growth, goals, tables })
}
