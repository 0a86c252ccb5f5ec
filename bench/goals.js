// All that says how near we are to what we want of latency, memory, start-up, long results and records on the disk; what
// run.js measures comes on top. Each leaves a JSON file in bench/results, and with --output elsewhere.
// Usage: npm run build && node bench/goals.js       about 25 minutes
//        node bench/goals.js --short                about 5 minutes
//        node bench/goals.js --smoke                whether they work, no figures
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

for (const name of ['latency', 'memory', 'start-up', 'protect-curves', 'group-commit']) {
  console.log(`\n== bench/${name}.js`)
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url))
  const { status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
