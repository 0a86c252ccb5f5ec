#!/usr/bin/env node
// The command `http-audit-log`.
import { main } from './cli/main.js'

// A reader such as `head` may leave early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2))
process.exitCode = await main(process.argv.slice(2), process)
