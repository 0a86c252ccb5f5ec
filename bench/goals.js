// Compares the package with its goals, for each Node version that is given: requests per second beside other loggers, latency,
// memory and start-up; on the running Node also redaction of large results, and records on the disk. The raw results go to
// bench/results/raw, or to the folder raw/ of --output. A complete run updates docs/performance.md, except the tables of run.js.
// Usage: npm run build && node bench/goals.js --node 24 --node 26      about 30 minutes per Node
//        node bench/goals.js --short                                   about 8 minutes per Node
//        node bench/goals.js --smoke                                   checks that the scripts work; prints no usable figures
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeVerdict, printGoals } from './lib/goals.js'
import { markdownTable } from './lib/markdown-table.js'
import { NODE_OPTION } from './lib/node-binaries.js'
import {
  COMMON_OPTIONS,
  describeRun,
  isComplete,
  PERFORMANCE,
  RAW,
  renderOrigin,
  replaceBlock,
} from './lib/save-run.js'

const { values: options } = parseArgs({ options: { ...COMMON_OPTIONS, ...NODE_OPTION } })
/** The candidates that lib/ratio-goals.js compares in pairs. */
const COMPARED =
  '^(bare|http-audit-log(, (ecs|ocsf|currentAudit.*|audited.*|pseudonyms|file.*|failClosed))?|(koa-)?pino-(http|logger)(, same content)?|floor: straight line)$'
/** Runs on the running Node only. */
const WITHOUT_NODE = ['redact-curves']
const SCRIPTS = {
  run: ['--only', COMPARED, ...(options.short ? ['--rounds', '5'] : ['--destination', 'file,pipe'])],
  latency: [],
  memory: [],
  'start-up': [],
  'redact-curves': [],
  'group-commit': [],
}

// The tables of bench/results show all candidates, so that those of this run go elsewhere.
const temporary = mkdtempSync(join(tmpdir(), 'audit-goals-'))
const goals = []
try {
  for (const [name, args] of Object.entries(SCRIPTS)) {
    // .ci/run has the smoke test of run.js as a step of its own.
    if (!(options.smoke && name === 'run')) runScript(name, args)
  }
} finally {
  rmSync(temporary, { recursive: true })
}
if (!options.smoke) {
  console.log('\n== All goals')
  printGoals(goals)
  const run = describeRun('node bench/goals.js', {})
  if (isComplete(options)) replaceBlock(PERFORMANCE, 'bench: goals', renderGoals(goals, run))
}

function runScript(name, args) {
  console.log(`\n== bench/${name}.js`)
  const isElsewhere = name === 'run' || options.output !== COMMON_OPTIONS.output.default
  const output = name === 'run' ? temporary : options.output
  const flags = ['short', 'smoke'].filter((flag) => options[flag]).map((flag) => `--${flag}`)
  const nodes = WITHOUT_NODE.includes(name) ? [] : (options.node ?? []).flatMap((node) => ['--node', node])
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url))
  const { status } = spawnSync(
    process.execPath,
    [script, ...flags, ...nodes, ...args, ...(isElsewhere ? ['--output', output] : [])],
    {
      stdio: 'inherit',
    },
  )
  if (status !== 0) throw new Error(`bench/${name}.js failed; its error is printed above`)
  if (options.smoke) return
  const file = join(output, RAW, name === 'run' ? 'results.json' : `${name}.json`)
  goals.push(...JSON.parse(readFileSync(file, 'utf8')).goals)
}

/** The goals that were not met. */
function renderGoals(goals, run) {
  const missed = goals.filter((goal) => !goal.isMet)
  const summary = `${goals.length - missed.length} of ${goals.length} goals were met. ${renderOrigin(run)}`
  if (missed.length === 0) return summary
  const rows = missed.map((goal) => {
    const { verdict, value, limit } = describeVerdict(goal)
    return { goal: goal.label, value, limit, verdict }
  })
  return `${summary}\n\n${markdownTable(rows)}`
}
