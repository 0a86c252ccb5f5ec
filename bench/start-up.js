// Measures what a logger adds to the start of an application: milliseconds to load it in a fresh process, and the number of
// installed packages. It is loaded alone, after node:http, and after Express, because an application has loaded those
// anyway.
// Usage: npm run build && node bench/start-up.js       about 2 minutes
//        node bench/start-up.js --short                fewer processes, half a minute
//        node bench/start-up.js --smoke                checks that it works; prints no usable figures
//        node bench/start-up.js --node 24 --only 'pino' --runs 21
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { atMost } from './lib/goals.js'
import { installThisPackage, listDependencies } from './lib/installed-packages.js'
import { formatSummary, markdownTable } from './lib/markdown-table.js'
import { majorOf, NODE_OPTION, resolveNodes } from './lib/node-binaries.js'
import { COMMON_OPTIONS, concludeRun } from './lib/save-run.js'
import { summarize } from './lib/statistics.js'

const pathTo = (file) => fileURLToPath(new URL(file, import.meta.url))
const LOADER = pathTo('lib/time-import.js')
const OURS = {
  'http-audit-log': { modules: [pathTo('../dist/esm/index.js')] },
  'http-audit-log/koa': { modules: [pathTo('../dist/esm/koa.js')] },
  'http-audit-log, require': { modules: [pathTo('../dist/cjs/index.js')], method: 'require' },
}
const PEERS = {
  'pino-http': { modules: ['pino-http'] },
  morgan: { modules: ['morgan'] },
  'ecs-pino-format': { modules: ['@elastic/ecs-pino-format', 'pino-http'] },
  'express-winston': { modules: ['winston', 'express-winston'] },
  'koa-logger': { modules: ['koa-logger'] },
  'koa-pino-logger': { modules: ['koa-pino-logger'] },
}
const CANDIDATES = { 'empty module': { modules: ['data:text/javascript,'] }, ...OURS, ...PEERS }
const PRELOADED = { alone: [], 'after node:http': ['node:http'], 'after Express': ['node:http', 'express'] }

const { values: options } = parseArgs({
  options: { ...COMMON_OPTIONS, ...NODE_OPTION, only: { type: 'string' }, runs: { type: 'string' } },
})
const nodes = resolveNodes(options.node)
const settings = {
  nodes: nodes.map(({ version }) => version),
  runs: Number(options.runs ?? (options.smoke ? 1 : options.short ? 7 : 21)),
}
const only = new RegExp(options.only ?? (options.smoke ? '^(http-audit-log|pino)' : ''))
const names = Object.keys(CANDIDATES).filter((name) => only.test(name))
const run = promisify(execFile)

const measured = nodes.flatMap((node) =>
  names.map((name) => ({
    node,
    name,
    times: Object.fromEntries(Object.keys(PRELOADED).map((when) => [when, []])),
  })),
)
// Round -1 is not counted: it reads the files from the disk.
for (let round = options.smoke ? 0 : -1; round < settings.runs; round++) {
  for (const { node, name, times } of measured) {
    for (const when of Object.keys(PRELOADED)) {
      const ms = await timeLoading(node, CANDIDATES[name], PRELOADED[when])
      if (round >= 0) times[when].push(ms)
    }
  }
}
report()

async function timeLoading(node, { modules, method = 'import' }, preloaded) {
  const args = [LOADER, method, JSON.stringify(modules), JSON.stringify(preloaded)]
  const { stdout } = await run(node.path, args)
  return Number(stdout)
}

function countOurPackages() {
  try {
    return { packages: installThisPackage(), countedBy: 'npm install of the tarball' }
  } catch (error) {
    console.error(`npm could not install the tarball of this package: ${error.message}`)
    const { dependencies = {} } = JSON.parse(readFileSync(pathTo('../package.json'), 'utf8'))
    const installed = listDependencies(Object.keys(dependencies), pathTo('../package-lock.json'))
    return { packages: ['http-audit-log', ...installed], countedBy: 'package-lock.json' }
  }
}

function countPackages(name, ourPackages) {
  if (name in OURS) return ourPackages.length
  return name in PEERS ? listDependencies(PEERS[name].modules, pathTo('package-lock.json')).length : 0
}

function report() {
  const { packages: ourPackages, countedBy } = countOurPackages()
  const results = measured.map(({ node, name, times }) => ({
    node: node.version,
    name,
    isOurs: name in OURS,
    milliseconds: Object.fromEntries(
      Object.entries(times).map(([when, values]) => [when, summarize(values)]),
    ),
    packages: countPackages(name, ourPackages),
  }))
  const goals = [
    ...results
      .filter(({ isOurs }) => isOurs)
      .map(({ node, name, milliseconds }) =>
        atMost(15, milliseconds.alone.median, `Node ${majorOf(node)}, ${name}: milliseconds to load`),
      ),
    atMost(10, ourPackages.length, `installed packages, counted by ${countedBy}`),
  ]
  const title = `milliseconds to load, median (quartiles) of ${settings.runs} processes; packages counted by ${countedBy}, those of peers by bench/package-lock.json`
  const tables = {}
  for (const node of settings.nodes)
    tables[`Node ${node}, ${title}`] = markdownTable(
      results.filter((one) => one.node === node).map(renderRow),
    )
  concludeRun(options, 'start-up', { settings, results, countedBy, goals, tables })
}

function renderRow({ name, milliseconds, packages }) {
  const cells = Object.entries(milliseconds).map(([when, summary]) => [when, formatSummary(summary, 1)])
  return { 'milliseconds to load': name, ...Object.fromEntries(cells), packages }
}
