// An application in ES modules can have a dependency that requires the CommonJS build.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import * as esm from 'http-audit-log'

const cjs = createRequire(import.meta.url)('http-audit-log')
assert.notEqual(esm.AuditLogger, cjs.AuditLogger, 'these are not two builds')

const sink = esm.memory()
for (const { AuditLogger } of [esm, cjs, cjs, esm, cjs]) new AuditLogger({ sink }).sendLog()

const records = sink.records().map(({ audit }) => audit)
assert.deepEqual(
  records.map(({ seq }) => seq),
  [1, 2, 3, 4, 5],
)
assert.equal(new Set(records.map(({ run }) => run)).size, 1)
console.log('side by side: one run')
