import { readFileSync } from 'node:fs'
import { AuditLogError } from '../lib/errors.js'
import { UsageError } from './command.js'

/**
 * Reads the option --key: a verifier key, or a file that has one in each line.
 *
 * @throws UsageError if there is none
 */
export function readVerifierKeys(
  values: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const given = values.length > 0 ? values : [env.AUDIT_VERIFIER_KEY ?? '']
  const keys = given.flatMap((value) => readKeys(value.trim()))
  if (keys.length === 0)
    throw new UsageError(
      '--key is missing: the verifier key of the log, or a file that has it, such as signing.key.pub of `keygen --out signing.key`',
    )
  return keys
}

function readKeys(value: string): string[] {
  if (value === '') return []
  if (value.includes('PRIVATE+KEY+')) {
    throw new AuditLogError(
      'ERR_AUDIT_KEY',
      'Expected the verifier key, which is public, got the private key. It may be in the history of your shell now: create a new key pair',
    )
  }
  if (/^[^+\s]+\+[\da-f]{8}\+\S+$/.test(value)) return [value]
  return readFileSync(value, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}
