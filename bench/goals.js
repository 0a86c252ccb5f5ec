// Compares the package with its goals, for each Node version that is given: requests per second beside other loggers, latency,
// memory and start-up; on the running Node also redaction of large results, and records on the disk. The raw results go to
// bench/results/raw, or to the folder raw/ of --output.
// Usage: npm run build && node bench/goals.js --node 24 --node 26      about 20 minutes per Node
//        node bench/goals.js --short                                   about 6 minutes per Node
//        node bench/goals.js --smoke                                   checks that the scripts work; prints no usable figures
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { printGoals } from './lib/goals.js'
import { NODE_OPTION } from './lib/node-binaries.js'
import { COMMON_OPTIONS, RAW } from './lib/save-run.js'

const { values: options } = parseArgs({ options: { ...COMMON_OPTIONS, ...NODE_OPTION } })
/** The candidates of which lib/ratio-goals.js compares two. */
const COMPARED =
  '^(bare|http-audit-log(, (ecs|ocsf|currentAudit.*|audited.*|pseudonyms|file.*|failClosed))?|(koa-)?pino-(http|logger)(, same content)?|floor: straight line)$'
/** Runs on the running Node only. */
const WITHOUT_NODE = ['redact-curves']
const SCRIPTS = {
  run: ['--only', COMPARED, '--destination', 'file,pipe'],
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
}

function runScript(name, args) {
  console.log(`\n== bench/${name}.js`)
  const output = name === 'run' ? temporary : options.output
  const flags = ['short', 'smoke'].filter((flag) => options[flag]).map((flag) => `--${flag}`)
  const nodes = WITHOUT_NODE.includes(name) ? [] : (options.node ?? []).flatMap((node) => ['--node', node])
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url))
  const { status } = spawnSync(process.execPath, [script, ...flags, ...nodes, ...args, '--output', output], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(1)
  if (options.smoke) return
  const file = join(output, RAW, name === 'run' ? 'results.json' : `${name}.json`)
  goals.push(...JSON.parse(readFileSync(file, 'utf8')).goals)
}
