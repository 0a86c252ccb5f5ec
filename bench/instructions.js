// Counts the instructions, and the misses of the processor's first caches, that a logger adds to a request. Unlike times, they are
// nearly the same on a busy machine. Needs valgrind; the kernel is not counted.
// Usage: npm run build && node bench/instructions.js [--node 26] [--framework koa] [--functions 40] [candidate...]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { callgrindArguments, count, readCounts } from './lib/callgrind.js'
import { markdownTable } from './lib/markdown-table.js'
import { NODE_OPTION, resolveNodes } from './lib/node-binaries.js'
import { startServer } from './lib/server-under-load.js'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...NODE_OPTION,
    framework: { type: 'string', multiple: true, default: ['express', 'koa'] },
    functions: { type: 'string', default: '0' },
  },
})
const DEFAULT_CANDIDATES = {
  express: ['http-audit-log', 'pino-http, one write per line', 'floor: straight line'],
  koa: ['http-audit-log', 'koa-pino-logger, one write per line', 'floor: straight line'],
}
/** Until V8 compiles nothing any more. */
const WARM_UP_REQUESTS = 20_000
const REQUESTS = 2000
const CONNECTIONS = 16
/** How often garbage is collected, or something is compiled, among so few requests is chance. */
const CHANCE =
  /^(?!JS:|RegExp).*(?:Scaveng|IterateObjectCache|Mark|Sweep|Evacuat|heap::base|compiler|turboshaft|maglev|interpreter)/i

const rows = []
for (const node of resolveNodes(options.node)) {
  for (const framework of options.framework) {
    const bare = await measure(node, framework, 'bare')
    for (const name of positionals.length > 0 ? positionals : DEFAULT_CANDIDATES[framework]) {
      const added = subtract(await measure(node, framework, name), bare)
      rows.push({ Node: node.version, framework, candidate: name, ...sum(added) })
      if (options.functions !== '0') printFunctions(name, added)
    }
  }
}
console.log(`Added to a request:\n\n${markdownTable(rows)}`)

async function measure(node, framework, name) {
  const directory = mkdtempSync(join(tmpdir(), 'audit-instructions-'))
  try {
    // One thread, so that all requests run the same code.
    const flags = ['--single-threaded', '--perf-basic-prof', ...logInto(directory)]
    const execArgv = callgrindArguments(directory, node.path, flags)
    const server = await startServer(framework, name, {
      node: { path: 'valgrind' },
      destination: 'file',
      directory,
      connections: CONNECTIONS,
      execArgv,
    })
    await server.measure({ requests: WARM_UP_REQUESTS })
    await count(server.pid, () => server.measure({ requests: REQUESTS }))
    await server.stop()
    return readCounts(directory, server.pid)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** V8 would write a log of its own into the current folder. */
function logInto(directory) {
  return ['--no-logfile-per-isolate', `--logfile=${join(directory, 'v8.log')}`]
}

function subtract(counts, others) {
  const nothing = { instructions: 0, code: 0, data: 0 }
  const names = [...new Set([...counts.keys(), ...others.keys()])].filter((name) => !CHANCE.test(name))
  return names.map((name) => {
    const one = counts.get(name) ?? nothing
    const other = others.get(name) ?? nothing
    const perRequest = (key) => (one[key] - other[key]) / REQUESTS
    return {
      name,
      instructions: perRequest('instructions'),
      code: perRequest('code'),
      data: perRequest('data'),
    }
  })
}

function sum(functions) {
  const total = (key) =>
    Math.round(functions.reduce((result, one) => result + one[key], 0)).toLocaleString('en')
  return {
    instructions: total('instructions'),
    'code not cached': total('code'),
    'data not cached': total('data'),
  }
}

function printFunctions(name, functions) {
  const top = functions.sort((one, other) => other.instructions - one.instructions)
  console.log(`\n${name}`)
  for (const { name, instructions, code, data } of top.slice(0, Number(options.functions)))
    console.log(
      `${[instructions, code, data].map((value) => value.toFixed(0).padStart(6)).join('')}  ${name.slice(0, 90)}`,
    )
}
