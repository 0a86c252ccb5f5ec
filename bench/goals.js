// Runs all scripts that compare the package with a goal: latency, memory, start-up, large results, and records on the disk.
// run.js, which compares the package with other loggers, is not included. The raw results go to bench/results/raw, or to
// the folder raw/ of --output.
// Usage: npm run build && node bench/goals.js       about 25 minutes
//        node bench/goals.js --short                about 5 minutes
//        node bench/goals.js --smoke                checks that the scripts work; prints no usable figures
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

for (const name of ['latency', 'memory', 'start-up', 'redact-curves', 'group-commit']) {
  console.log(`\n== bench/${name}.js`)
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url))
  const { status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (status !== 0) process.exit(1)
}
