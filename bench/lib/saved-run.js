// What a run leaves behind for machines, and what is needed to judge its figures by.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { showGoals } from './goals.js'

/** The options that all scripts have. */
export const COMMON_OPTIONS = {
  short: { type: 'boolean', default: false },
  smoke: { type: 'boolean', default: false },
  output: { type: 'string', default: fileURLToPath(new URL('../results', import.meta.url)) },
}

/** @param {string} command without its arguments */
export function describeRun(command, found) {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return {
    at: new Date().toISOString(),
    command: [command, ...process.argv.slice(2)].join(' '),
    node: process.version,
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} of them`,
    loadAverage: loadavg(),
    versions: dependencies,
    ...found,
  }
}

export function saveText(output, name, text) {
  mkdirSync(output, { recursive: true })
  writeFileSync(join(output, name), text)
}

export function saveRun(output, name, run) {
  saveText(output, name, `${JSON.stringify(run, null, 2)}\n`)
}

/** Of a script that says how near we are to goals. What `--smoke` finds are no figures, and is not kept. */
export function concludeRun({ smoke, output }, name, { goals, tables, ...found }) {
  for (const [title, table] of Object.entries(tables)) console.log(`\n${title}\n\n${table}`)
  if (smoke) return console.log('\nIt works. These are no figures: for those run it without --smoke.')
  saveRun(output, `${name}.json`, describeRun(`node bench/${name}.js`, { ...found, goals }))
  showGoals(goals)
}
