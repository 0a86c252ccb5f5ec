// Tells of a JSON report of Jest: `<passed> <failed> <skipped>`. A suite that could not run counts as a failed test.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites
const skipped = report.numPendingTests + report.numTodoTests
console.log(report.numPassedTests, failed, skipped)
