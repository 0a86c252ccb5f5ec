#!/usr/bin/env node
// The command `http-audit-log`.
import { main } from './cli/main.js'

// A reader such as `head` may leave early. The verdict stays what it is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(2)
})
process.stderr.on('error', () => {})
process.exitCode = await main(process.argv.slice(2), process)
