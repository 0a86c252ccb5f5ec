import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { AuditLogger, memory } from 'http-audit-log'
import { seal } from 'http-audit-log/seal'
import { verify } from 'http-audit-log/verify'

const keygen = execFileSync('npx', ['--offline', 'http-audit-log', 'keygen', '--name', 'log', '--json'])
const { private_key: key, verifier_key } = JSON.parse(keygen)
const sink = memory()
const logger = new AuditLogger({ sink, seal: seal({ key, every: { records: 1 } }) })
logger.info('Sealed').sendLog()
writeFileSync('esm-sealed.log', sink.lines.join(''))

const { verdict, runs } = await verify({ inputs: ['esm-sealed.log'], keys: [verifier_key] })
assert.equal(runs.length, 1)
console.log(verdict)
