// Checks a runtime: npm run build && npx tsx test/runtimes/check.ts <binary of node, bun or deno> [part of a name]
// Prints each ending on each framework, and exits with 1 if one differs that differences.json does not list.
import { resolve } from 'node:path'
import { compareEndings, type EndingResult, FRAMEWORKS } from './compare-endings.js'
import { judge } from './differences.js'
import { identifyRuntime, RuntimeCrash } from './runtime-server.js'

/** A runtime that crashes, which says nothing about the package, is tried again. */
const MAX_ATTEMPTS = 3

const [binary = process.execPath, part = ''] = process.argv.slice(2)
const runtime = identifyRuntime(binary)
const results: EndingResult[] = []
// Side by side, because most of the time is waiting for clients and servers.
for (const report of await Promise.all(FRAMEWORKS.map((framework) => compareUnlessCrashed(framework)))) {
  results.push(...report.results)
  if (process.env.AUDIT_STDERR) console.error(report.stderr)
}
const { verdicts, failures } = judge(runtime.name, results, part === '')
const names = [...new Set(results.map(({ ending }) => ending))]
const columns = FRAMEWORKS.map((framework) => `${framework} on ${runtime.name} ${runtime.version}`)
console.log(`| ending | ${columns.join(' | ')} |\n| --- | ${columns.map(() => '---').join(' | ')} |`)
for (const name of names) {
  const cells = results.filter(({ ending }) => ending === name).map((result) => verdicts.get(result))
  console.log(`| ${name} | ${cells.join(' | ')} |`)
}
console.log(`${names.length} endings, ${results.length} exchanges compared, ${failures.length} failures`)
for (const failure of failures) console.log(`FAILED ${failure}`)
process.exit(failures.length === 0 ? 0 : 1)

async function compareUnlessCrashed(framework: (typeof FRAMEWORKS)[number], attempt = 1) {
  try {
    return await compareEndings(runtime, resolve('dist/esm'), framework, (name) => name.includes(part))
  } catch (error) {
    if (!(error instanceof RuntimeCrash) || attempt === MAX_ATTEMPTS) throw error
    console.log(`${runtime.name} ${runtime.version} crashed by ${error.message.slice(0, 500)}`)
    return compareUnlessCrashed(framework, attempt + 1)
  }
}
