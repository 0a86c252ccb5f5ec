// Checks a runtime: npx tsx test/runtimes/check.ts <binary of node, bun or deno> [part of an ending's name]
// Needs `npm run build`. Exits with 1 if an ending differs and differences.json does not list it.
import { resolve } from 'node:path'
import { compareEndings, FRAMEWORKS } from './compare-endings.js'
import { identifyRuntime } from './runtime-server.js'

const [binary = process.execPath, part = ''] = process.argv.slice(2)
const runtime = identifyRuntime(binary)
const reports = []
for (const framework of FRAMEWORKS)
  reports.push(await compareEndings(runtime, resolve('dist/esm'), framework, (name) => name.includes(part)))
console.log(`${runtime.name} ${runtime.version}`)
for (const { ending, framework, differences } of reports.flatMap(({ results }) => results)) {
  console.log(`${ending} | ${framework} | ${differences.length === 0 ? 'same' : differences.join('; ')}`)
}
console.log(reports.map(({ stderr }) => stderr).join(''))
process.exit(0)
