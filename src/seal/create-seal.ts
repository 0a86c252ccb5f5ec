import { KeyObject } from 'node:crypto'
import { createSignerKey, parseSignerKey, type SignerKey } from '../evidence/note-keys.js'
import { type Checks, checkInteger, checkOptions, isObject } from '../lib/validate.js'
import type { Seal, SealOptions } from './seal.js'
import { beginRun } from './sealed-run.js'

const CHECKS: Checks<SealOptions> = {
  key: {
    expected: 'the text that `http-audit-log keygen` prints, or { name, privateKey }',
    accepts: (value) => (typeof value === 'string' && value !== '') || isNamedKey(value),
    isSecret: true,
    isRequired: true,
  },
  every: {
    expected: 'an object such as { records: 1000, seconds: 60 }',
    accepts: isObject,
    properties: { records: checkInteger(1, 2 ** 31 - 1), seconds: checkInteger(1, 2 ** 21) },
  },
  state: {
    expected: 'the path of a file',
    accepts: (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
  },
  witness: {
    expected: 'a sink, such as file(path)',
    accepts: (value) => isObject(value) && typeof value.write === 'function',
  },
}

/**
 * Seals a log, for the option `seal`: each record has its place in a Merkle tree, and signed checkpoints prove that no record is missing,
 * changed or reordered. `npx http-audit-log verify` checks it, with the public key alone.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS` if an option is not valid
 * @throws AuditLogError `ERR_AUDIT_KEY` if the key cannot be read. The message never has a part of the key
 * @example
 * app.use(auditLog({ seal: seal({ key: process.env.AUDIT_SIGNING_KEY, state: '/var/lib/app/audit-seal.json' }) }))
 */
export function seal(options: SealOptions): Seal {
  const { key, every, state, witness } = checkOptions<SealOptions>(options, CHECKS)
  const signer = readKey(key)
  const { records = 1000, seconds = 60 } = every ?? {}
  return {
    logName: signer.name,
    begin: (context) => beginRun({ signer, records, seconds, state, witness }, context),
  }
}

function readKey(key: SealOptions['key']): SignerKey {
  if (typeof key !== 'string') return createSignerKey(key.name, key.privateKey)
  return parseSignerKey(key)
}

/** A key of another copy of Node's module is none, so `instanceof` is right. */
function isNamedKey(value: unknown): boolean {
  return isObject(value) && typeof value.name === 'string' && value.privateKey instanceof KeyObject
}
