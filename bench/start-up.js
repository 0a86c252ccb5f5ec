// What it costs an application to have a logger at all: milliseconds that its import takes in a process of its own, and the
// packages that are installed with it. Node's own modules and what a framework loads anyway are not the logger's: so it is
// imported plainly, where node:http is there already, and where Express is.
// Usage: npm run build && node bench/start-up.js       about 2 minutes
//        node bench/start-up.js --short                fewer processes, half a minute
//        node bench/start-up.js --smoke                whether it works, no figures
//        node bench/start-up.js --only 'pino' --runs 21
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { atMost } from './lib/goals.js'
import { installOurs, lockedWith } from './lib/installed-packages.js'
import { markdownTable, withSpread } from './lib/markdown-table.js'
import { COMMON_OPTIONS, concludeRun } from './lib/saved-run.js'
import { summarize } from './lib/statistics.js'

const pathTo = (place) => fileURLToPath(new URL(place, import.meta.url))
const LOADER = pathTo('lib/time-loading.js')
const OURS = {
  'http-audit-log': { what: [pathTo('../dist/esm/index.js')] },
  'http-audit-log/koa': { what: [pathTo('../dist/esm/koa.js')] },
  'http-audit-log, require': { what: [pathTo('../dist/cjs/index.js')], by: 'require' },
}
const PEERS = {
  'pino-http': { what: ['pino-http'] },
  morgan: { what: ['morgan'] },
  'ecs-pino-format': { what: ['@elastic/ecs-pino-format', 'pino-http'] },
  'express-winston': { what: ['winston', 'express-winston'] },
  'koa-logger': { what: ['koa-logger'] },
  'koa-pino-logger': { what: ['koa-pino-logger'] },
}
const SUBJECTS = { 'nothing at all': { what: ['data:text/javascript,'] }, ...OURS, ...PEERS }
const BEFORE = { plainly: [], 'after node:http': ['node:http'], 'after Express': ['node:http', 'express'] }

const { values: given } = parseArgs({
  options: { ...COMMON_OPTIONS, only: { type: 'string' }, runs: { type: 'string' } },
})
const settings = { runs: Number(given.runs ?? (given.smoke ? 1 : given.short ? 7 : 21)) }
const only = new RegExp(given.only ?? (given.smoke ? '^(http-audit-log|pino)' : ''))
const names = Object.keys(SUBJECTS).filter((name) => only.test(name))
const run = promisify(execFile)

const times = Object.fromEntries(
  names.map((name) => [name, Object.fromEntries(Object.keys(BEFORE).map((when) => [when, []]))]),
)
// The first time the files come from the disk.
for (let round = given.smoke ? 0 : -1; round < settings.runs; round++) {
  for (const name of names) {
    for (const when of Object.keys(BEFORE)) {
      const ms = await timeLoading(SUBJECTS[name], BEFORE[when])
      if (round >= 0) times[name][when].push(ms)
    }
  }
}
report()

async function timeLoading({ what, by = 'import' }, before) {
  const { stdout } = await run(process.execPath, [LOADER, by, JSON.stringify(what), JSON.stringify(before)])
  return Number(stdout)
}

function countPackages() {
  try {
    return { packages: installOurs(), countedBy: 'npm install of our tarball' }
  } catch (error) {
    console.error(`npm could not install our tarball: ${error.message}`)
    const { dependencies = {} } = JSON.parse(readFileSync(pathTo('../package.json'), 'utf8'))
    const needed = lockedWith(Object.keys(dependencies), pathTo('../package-lock.json'))
    return { packages: ['http-audit-log', ...needed], countedBy: 'our package-lock.json' }
  }
}

function packagesWith(name, ours) {
  if (name in OURS) return ours.length
  return name in PEERS ? lockedWith(PEERS[name].what, pathTo('package-lock.json')).length : 0
}

function report() {
  const { packages, countedBy } = countPackages()
  const results = names.map((name) => ({
    name,
    isOurs: name in OURS,
    milliseconds: Object.fromEntries(
      Object.entries(times[name]).map(([when, values]) => [when, summarize(values)]),
    ),
    packages: packagesWith(name, packages),
  }))
  const goals = [
    ...results
      .filter(({ isOurs }) => isOurs)
      .map(({ name, milliseconds }) => atMost(15, milliseconds.plainly.median, `${name}: milliseconds`)),
    atMost(10, packages.length, `packages installed, counted by ${countedBy}`),
  ]
  const rows = results.map(({ name, milliseconds, packages }) => ({
    'ms to load': name,
    ...Object.fromEntries(
      Object.entries(milliseconds).map(([when, summary]) => [when, withSpread(summary, 1)]),
    ),
    packages,
  }))
  const title = `Median (quartiles) of ${settings.runs}; our packages counted by ${countedBy}, others by bench/package-lock.json`
  concludeRun(given, 'start-up', {
    settings,
    results,
    countedBy,
    goals,
    tables: { [title]: markdownTable(rows) },
  })
}
