// Prints where a server spends its CPU time, from a run under --cpu-prof: self time by module, function and line, and total
// time of the functions of this package.
// Usage: npm run build && node bench/profile.js [candidate] [express | koa] [seconds] [--node 26] [--destination pipe]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { NODE_OPTION, resolveNodes } from './lib/node-binaries.js'
import { placeClient } from './lib/processors.js'
import { startServer } from './lib/server-under-load.js'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { ...NODE_OPTION, destination: { type: 'string', default: 'file' } },
})
const [name = 'http-audit-log', framework = 'express', seconds = '4'] = positionals
const [node] = resolveNodes(options.node)
const ROWS = 40
const WARM_UP_REQUESTS = 5000
placeClient(options)
const directory = mkdtempSync(join(tmpdir(), 'audit-profile-'))
const { nodes, samples, timeDeltas, requests } = await profile()
rmSync(directory, { recursive: true })

const byId = new Map(nodes.map((node) => [node.id, { ...node, micros: 0 }]))
for (const [index, id] of samples.entries()) byId.get(id).micros += timeDeltas[index]

const selfByModule = new Map()
const selfByFunction = new Map()
/** Lines of this package, inlined functions included. */
const selfByLine = new Map()
/** Functions of this package with everything that they call; a recursive call counts once. */
const totalByFunction = new Map()
collect(nodes[0].id, new Set())
print('Self time by module, us per request', selfByModule)
print('Self time by function, us per request', selfByFunction)
print('Self time by line of this package, us per request', selfByLine)
print('Total time by function of this package, us per request', totalByFunction)

async function profile() {
  const server = await startServer(framework, name, {
    node,
    destination: options.destination,
    directory,
    connections: 64,
    // In the bundled build, everything would be one module.
    env: { BENCH_BUILD: 'modules' },
    execArgv: ['--cpu-prof', '--cpu-prof-interval', '200', '--cpu-prof-dir', directory],
  })
  await server.measure({ requests: WARM_UP_REQUESTS })
  const { requests, cpuMicros } = await server.measure({ ms: Number(seconds) * 1000 })
  await server.stop()
  console.log(`${name}, ${framework}: ${cpuMicros.toFixed(1)} us of CPU time per request while profiling`)
  const [file] = readdirSync(directory).filter((file) => file.endsWith('.cpuprofile'))
  return { ...JSON.parse(readFileSync(join(directory, file), 'utf8')), requests: requests + WARM_UP_REQUESTS }
}

function collect(id, callers) {
  const { callFrame, children = [], micros, hitCount, positionTicks = [] } = byId.get(id)
  const { functionName, url, lineNumber } = callFrame
  const module = moduleOf(url, functionName)
  const label = `${functionName || '(anonymous)'} ${module}:${lineNumber + 1}`
  if (module !== 'idle') {
    add(selfByModule, module, micros)
    add(selfByFunction, label, micros)
  }
  const isOurs = url.includes('/dist/')
  if (isOurs) {
    for (const { line, ticks } of positionTicks)
      add(selfByLine, `${module}:${line}`, (micros * ticks) / hitCount)
  }
  const stack = isOurs && !callers.has(label) ? new Set([...callers, label]) : callers
  for (const name of stack) add(totalByFunction, name, micros)
  for (const child of children) collect(child, stack)
}

function moduleOf(url, functionName) {
  if (functionName === '(idle)' || functionName === '(root)') return 'idle'
  if (url === '') return functionName.startsWith('(') ? functionName : 'V8 and bindings'
  const [, ours] = /dist\/modules\/(.*)/.exec(url) ?? []
  const [, dependency] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? []
  return ours ?? dependency ?? url.replace(/^file:.*\/bench\//, 'bench/')
}

function add(sums, key, micros) {
  sums.set(key, (sums.get(key) ?? 0) + micros)
}

function print(title, sums) {
  console.log(`\n${title}`)
  const largest = [...sums].sort(([, one], [, other]) => other - one).slice(0, ROWS)
  for (const [key, micros] of largest) console.log(`${(micros / requests).toFixed(2).padStart(8)}  ${key}`)
}
