// Where the time of a server goes: self time by place and by function, of a run under --cpu-prof.
// Usage: npm run build && node bench/profile.js [candidate] [express | koa] [seconds]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from './lib/server-under-load.js'

const [name = 'http-audit-log', framework = 'express', seconds = '4'] = process.argv.slice(2)
const SHOWN = 40
const directory = mkdtempSync(join(tmpdir(), 'audit-profile-'))
const { nodes, samples, timeDeltas, requests } = await profile()
rmSync(directory, { recursive: true })

const byId = new Map(nodes.map((node) => [node.id, { ...node, micros: 0 }]))
for (const [index, id] of samples.entries()) byId.get(id).micros += timeDeltas[index]

const byPlace = new Map()
const byFunction = new Map()
/** Of ours, with what the compiler has drawn in. */
const byLine = new Map()
/** With what is called by it, counted once where it calls itself. */
const ourInclusive = new Map()
sum(nodes[0].id, new Set())
show('Self time by place, us a request', byPlace)
show('Self time by function, us a request', byFunction)
show('Self time by line of ours, us a request', byLine)
show('Ours with all that they call, us a request', ourInclusive)

async function profile() {
  const server = await startServer(framework, name, {
    destination: 'file',
    directory,
    connections: 64,
    // The bundles would be one place.
    env: { BENCH_BUILD: 'modules' },
    execArgv: ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', directory],
  })
  await server.measure({ requests: 5000 })
  const { requests, cpuMicros } = await server.measure({ ms: Number(seconds) * 1000 })
  await server.stop()
  console.log(`${name}, ${framework}: ${cpuMicros.toFixed(1)} us of CPU a request while it is profiled`)
  const [file] = readdirSync(directory).filter((file) => file.endsWith('.cpuprofile'))
  return { ...JSON.parse(readFileSync(join(directory, file), 'utf8')), requests: requests + 5000 }
}

function sum(id, above) {
  const { callFrame, children = [], micros, hitCount, positionTicks = [] } = byId.get(id)
  const { functionName, url, lineNumber } = callFrame
  const place = placeOf(url, functionName)
  if (place !== 'idle') {
    add(byPlace, place, micros)
    add(byFunction, `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`, micros)
  }
  const own = `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`
  const isOurs = url.includes('/dist/')
  if (isOurs) {
    for (const { line, ticks } of positionTicks) add(byLine, `${place}:${line}`, (micros * ticks) / hitCount)
  }
  const inside = isOurs && !above.has(own) ? new Set([...above, own]) : above
  for (const name of inside) add(ourInclusive, name, micros)
  for (const child of children) sum(child, inside)
}

function placeOf(url, functionName) {
  if (functionName === '(idle)' || functionName === '(root)') return 'idle'
  if (url === '') return functionName.startsWith('(') ? functionName : 'V8 and bindings'
  const [, ours] = /dist\/modules\/(.*)/.exec(url) ?? []
  const [, packaged] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? []
  return ours ?? packaged ?? url.replace(/^file:.*\/bench\//, 'bench/')
}

function add(sums, key, micros) {
  sums.set(key, (sums.get(key) ?? 0) + micros)
}

function show(title, sums) {
  console.log(`\n${title}`)
  const sorted = [...sums].sort(([, one], [, other]) => other - one).slice(0, SHOWN)
  for (const [key, micros] of sorted) console.log(`${(micros / requests).toFixed(2).padStart(8)}  ${key}`)
}
