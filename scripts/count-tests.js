// Prints the counts of a Jest JSON report: `<passed> <failed> <skipped>`. A suite that cannot run counts as a failed test.
// Usage: node scripts/count-tests.js report.json
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites
const skipped = report.numPendingTests + report.numTodoTests
console.log(report.numPassedTests, failed, skipped)
