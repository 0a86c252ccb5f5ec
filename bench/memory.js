// Measures memory in two ways: bytes per request in flight above the bare app, with thousands of requests that the handler
// holds; and whether the heap grows over a million requests, after garbage collection. soak.js checks growth with failing
// and aborted requests, and counts listeners and timers too.
// Usage: npm run build && node bench/memory.js       about 10 minutes
//        node bench/memory.js --short                100,000 requests, about a minute
//        node bench/memory.js --smoke                checks that it works; prints no usable figures
//        node bench/memory.js --node 24 --only bare --framework koa --rounds 5 --in-flight 4000 --requests 1000000
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { CANDIDATES } from './candidates.js'
import { selectCandidates, selectFrameworks, summarizePairs } from './lib/comparison.js'
import { atMost } from './lib/goals.js'
import { openLoad } from './lib/load.js'
import { formatSummary, markdownTable } from './lib/markdown-table.js'
import { majorOf, NODE_OPTION, resolveNodes } from './lib/node-binaries.js'
import { COMMON_OPTIONS, concludeRun } from './lib/save-run.js'
import { startServer } from './lib/server-under-load.js'
import { mean } from './lib/statistics.js'

const { values: options } = parseArgs({
  options: {
    ...COMMON_OPTIONS,
    ...NODE_OPTION,
    only: { type: 'string' },
    framework: { type: 'string', default: '' },
    rounds: { type: 'string' },
    'in-flight': { type: 'string' },
    requests: { type: 'string' },
  },
})
const nodes = resolveNodes(options.node)
const settings = {
  nodes: nodes.map(({ version }) => version),
  frameworks: selectFrameworks(options.framework),
  /** A million records would be a file of a gigabyte. */
  destination: 'null',
  connections: 64,
  warmUpRequests: options.smoke ? 100 : options.short ? 3000 : 10_000,
  rounds: Number(options.rounds ?? (options.smoke ? 1 : options.short ? 3 : 7)),
  inFlight: Number(options['in-flight'] ?? (options.smoke ? 100 : options.short ? 2000 : 4000)),
  heapSamples: options.smoke ? 2 : 10,
  requests: Number(options.requests ?? (options.smoke ? 400 : options.short ? 100_000 : 1_000_000)),
}
const MEASURED = '^(bare|http-audit-log|http-audit-log, currentAudit\\(\\)|pino-http|koa-pino-logger)$'
const MEASURED_FOR_GROWTH = ['bare', 'http-audit-log']
/** The share of the heap samples during which caches fill and code is compiled. */
const WARM_UP = 0.3
/** Tolerance for the code that V8 compiles and discards. */
const MAX_GROWTH_BYTES = 512 * 1024
const only = new RegExp(options.only ?? (options.smoke ? '^http-audit-log$' : MEASURED))
const directory = mkdtempSync(join(tmpdir(), 'audit-memory-'))

const inFlight = []
const growth = []
try {
  for (const node of nodes) {
    for (const framework of settings.frameworks) await measureAll(node, framework)
  }
} finally {
  rmSync(directory, { recursive: true })
}
report()

async function measureAll(node, framework) {
  const names = selectCandidates(framework, only)
  inFlight.push(...(await compareInFlight(node, framework, names)))
  for (const name of names.filter((name) => MEASURED_FOR_GROWTH.includes(name)))
    growth.push({ node: node.version, framework, name, ...(await measureGrowth(node, framework, name)) })
}

async function startWarm(node, framework, name) {
  const where = { ...settings, node, directory, env: { BENCH_HOLD: '1' } }
  const server = await startServer(framework, name, where)
  await server.measure({ requests: settings.warmUpRequests })
  // Node's internal tables grow the first time, and keep that size.
  if (!options.smoke) await holdRequests(server)
  return server
}

async function compareInFlight(node, framework, names) {
  const bare = await startWarm(node, framework, 'bare')
  const results = []
  for (const name of names) {
    const server = await startWarm(node, framework, name)
    const pairs = []
    for (let round = 0; round < settings.rounds; round++)
      pairs.push([await holdRequests(bare), await holdRequests(server)])
    await server.stop()
    const summarizeBy = summarizePairs(pairs)
    const result = {
      node: node.version,
      framework,
      name,
      isOurs: CANDIDATES[name].isOurs ?? false,
      /** Bytes per request in flight, its connection included. */
      bare: summarizeBy((base) => base.heldBytes),
      addedInFlight: summarizeBy((base, own) => own.heldBytes - base.heldBytes),
      /** Bytes per idle keep-alive connection, after a response. */
      addedIdle: summarizeBy((base, own) => own.idleBytes - base.idleBytes),
    }
    console.error(
      `Node ${node.version}, ${framework}, ${name}: ${result.addedInFlight.median} bytes added per request in flight, to the ${result.bare.median} of the bare app`,
    )
    results.push(result)
  }
  await bare.stop()
  return results
}

/** Opens new connections with one request each that the handler holds. */
async function holdRequests(server) {
  const before = await readMemory(server)
  const load = await openLoad(server.port, settings.inFlight)
  await server.command('hold')
  const answered = load.run({ requests: settings.inFlight })
  await waitUntil(server, ({ held }) => held === settings.inFlight)
  const held = await readMemory(server)
  await server.command('release')
  await answered
  const idle = await readMemory(server)
  load.close()
  await waitUntil(server, ({ connections }) => connections === settings.connections)
  return {
    heldBytes: (held - before) / settings.inFlight,
    idleBytes: (idle - before) / settings.inFlight,
  }
}

async function readMemory(server) {
  const { bytes } = await server.command('memory')
  return bytes
}

async function waitUntil(server, isReached) {
  for (let tries = 0; tries < 500; tries++) {
    if (isReached(await server.command('state'))) return
    await delay(20)
  }
  throw new Error(
    `The server did not reach the expected state in 10 s: ${JSON.stringify(await server.command('state'))}`,
  )
}

async function measureGrowth(node, framework, name) {
  const server = await startWarm(node, framework, name)
  const samples = []
  for (let sample = 0; sample < settings.heapSamples; sample++) {
    await server.measure({ requests: Math.ceil(settings.requests / settings.heapSamples) })
    samples.push(await readMemory(server))
  }
  await server.stop()
  const measured = samples.slice(Math.max(0, WARM_UP * settings.heapSamples - 1))
  const bytes = Math.round(mean(measured.slice(-2)) - mean(measured.slice(0, 2)))
  console.error(
    `Node ${node.version}, ${framework}, ${name}: the heap grew by ${bytes} bytes over ${settings.requests} requests`,
  )
  return { isOurs: CANDIDATES[name].isOurs ?? false, requests: settings.requests, samples, bytes }
}

function report() {
  const labelOf = ({ node, framework, name }) =>
    `Node ${majorOf(node)}, ${framework}, ${name === 'bare' ? 'bare against itself' : name}`
  const goals = [
    ...inFlight
      .filter(({ isOurs }) => isOurs)
      .map((one) =>
        atMost(2048, one.addedInFlight.median, `${labelOf(one)}: bytes added per request in flight`),
      ),
    ...growth
      .filter(({ isOurs }) => isOurs)
      .map((one) => atMost(MAX_GROWTH_BYTES, one.bytes, `${labelOf(one)}: bytes of heap growth`)),
  ]
  const tables = {
    [`Bytes per request, ${settings.inFlight} requests in flight, ${settings.rounds} rounds`]: markdownTable(
      inFlight.map((one) => ({
        candidate: labelOf(one),
        'bare app': one.bare.median.toFixed(0),
        'added in flight': formatSummary(one.addedInFlight, 0),
        'added to an idle connection': formatSummary(one.addedIdle, 0),
      })),
    ),
    [`Heap over ${settings.requests} requests, after garbage collection, KiB`]: markdownTable(
      growth.map(({ samples, bytes, ...one }) => ({
        candidate: labelOf(one),
        ...Object.fromEntries(
          samples.map((sample, index) => [`${index + 1} of ${samples.length}`, Math.round(sample / 1024)]),
        ),
        'growth after warm-up': Math.round(bytes / 1024),
      })),
    ),
  }
  concludeRun(options, 'memory', { settings, inFlight, growth, goals, tables })
}
