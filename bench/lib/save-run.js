// Writes the results of a run: tables and plots as text, raw results as JSON with the conditions they were measured under.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printGoals } from './goals.js'
import { resolveNodes } from './node-binaries.js'

/** Options of every script. */
export const COMMON_OPTIONS = {
  short: { type: 'boolean', default: false },
  smoke: { type: 'boolean', default: false },
  output: { type: 'string', default: fileURLToPath(new URL('../results', import.meta.url)) },
}
export const PERFORMANCE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))
/** The scripts whose tables docs/performance.md shows, beside run.js. */
const IN_DOCUMENT = ['latency', 'memory', 'start-up']
/** Ignored by git: several thousand lines, which are only useful on the machine where they were measured. */
export const RAW = 'raw'

/** @param {string} command without its arguments */
export function describeRun(command, results) {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return {
    at: new Date().toISOString(),
    command: [command, ...process.argv.slice(2).map(describeArgument)].join(' '),
    clientNode: process.version.slice(1),
    processor: `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores`,
    loadAverage: loadavg(),
    versions: dependencies,
    ...results,
  }
}

/** Shows the version of Node in place of the path of its binary, which only exists on this machine. */
function describeArgument(argument, index, all) {
  const value = all[index - 1] === '--node' ? argument : /^--node=(.*)/.exec(argument)?.[1]
  if (value !== undefined) return argument.replace(value, resolveNodes([value])[0].version)
  return /^[\w./=-]+$/.test(argument) ? argument : `'${argument}'`
}

export function saveText(output, name, text) {
  const path = join(output, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

export function saveRun(output, name, run) {
  saveText(output, join(RAW, name), `${JSON.stringify(run, null, 2)}\n`)
}

/** Replaces the text between `<!-- name -->` and `<!-- /name -->` in a Markdown file. */
export function replaceBlock(file, name, text) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const document = readFileSync(file, 'utf8')
  const from = document.indexOf(start)
  const to = document.indexOf(end)
  if (from === -1 || to === -1) throw new Error(`Expected the markers ${start} and ${end} in ${file}`)
  writeFileSync(file, `${document.slice(0, from)}${start}\n\n${text}\n\n${document.slice(to)}`)
}

/** Whether a run measured everything, and its results belong in the documents. */
export function isComplete({ short, smoke, only, framework, destination, output }) {
  return !short && !smoke && !only && !framework && !destination && output === COMMON_OPTIONS.output.default
}

/** Ends a script that compares its results with goals: prints the tables, saves the raw results, prints the goals. */
export function concludeRun(options, name, { goals, tables, ...results }) {
  const text = Object.entries(tables)
    .map(([title, table]) => `${title}\n\n${table}`)
    .join('\n\n')
  console.log(`\n${text}`)
  if (options.smoke) return console.log('\nThe script works. For usable figures, run it without --smoke.')
  const run = describeRun(`node bench/${name}.js`, { ...results, goals })
  saveRun(options.output, `${name}.json`, run)
  if (IN_DOCUMENT.includes(name) && isComplete(options))
    replaceBlock(PERFORMANCE, `bench: ${name}`, `${text}\n\n${renderOrigin(run)}`)
  printGoals(goals)
}

/** Where and when a run was made. */
export function renderOrigin({ command, processor, at }) {
  return `\`${command}\`, ${processor}, ${at.slice(0, 10)}.`
}
