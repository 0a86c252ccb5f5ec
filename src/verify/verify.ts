import { parseVerifierKey } from '../evidence/note-keys.js'
import { type Checks, checkBoolean, checkFunction, checkOptions, isObject } from '../lib/validate.js'
import type { Verification } from './findings.js'
import { LogEvidence } from './log-evidence.js'
import type { VerifyInput } from './read-input.js'

export interface VerifyOptions {
  /** The verifier keys of the log, as `http-audit-log keygen` prints them: `name+id+key`. They are public. */
  readonly keys: readonly string[]
  /**
   * Where the records are: paths of files with a record in each line (plain or gzip), streams of such lines, and other sources such as
   * `elasticsearch()`. In any order, and a record may be there several times.
   */
  readonly inputs: readonly VerifyInput[]
  /** The texts of files that a witness has: signed checkpoints, one after the other. @default [] */
  readonly witnesses?: readonly string[] | undefined
  /** The text that an earlier verification returned as `verified`: verifies what came after it. @default undefined */
  readonly since?: string | undefined
  /**
   * Whether the input is a part of the log on purpose, such as the records of one day. Then records before the first and after the last
   * one of a run are not missing. @default false
   */
  readonly isPartial?: boolean | undefined
  /** Called now and then with the bytes that were read. @default undefined */
  readonly onProgress?: ((bytes: number) => void) | undefined
}

const CHECKS: Checks<VerifyOptions> = {
  keys: {
    expected: 'an array of one or more verifier keys',
    accepts: (value) => Array.isArray(value) && value.length > 0,
    items: {
      expected: 'a verifier key: name+id+key',
      accepts: (value) => typeof value === 'string',
      isSecret: true,
    },
    isRequired: true,
  },
  inputs: {
    expected: 'an array of paths, streams or other sources',
    accepts: Array.isArray,
    items: { expected: 'a path, a stream or another source', accepts: isInput },
    isRequired: true,
  },
  witnesses: {
    expected: 'an array of texts',
    accepts: Array.isArray,
    items: { expected: 'a text', accepts: (value) => typeof value === 'string' },
  },
  since: {
    expected: 'the text that an earlier verification returned',
    accepts: (value) => typeof value === 'string',
  },
  isPartial: checkBoolean,
  onProgress: checkFunction,
}

function isInput(value: unknown): boolean {
  if (typeof value === 'string') return value !== ''
  return isObject(value) && (Symbol.asyncIterator in value || typeof value.readDocuments === 'function')
}

/**
 * Verifies sealed records: whether every one is there, unchanged, by the public key alone. Reads only, in bounded memory.
 *
 * @returns the verdict about each run of the log. An input that cannot be read is in its `problems`
 * @throws AuditLogError `ERR_AUDIT_OPTIONS` if an option is not valid, `ERR_AUDIT_KEY` if a key is none, `ERR_AUDIT_VERIFY` if
 *   `since` is not what an earlier verification returned
 * @example
 * const { verdict, runs } = await verify({ keys: [process.env.AUDIT_VERIFIER_KEY], inputs: ['audit.log'] })
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const checked = checkOptions<VerifyOptions>(options, CHECKS)
  const keys = checked.keys.map(parseVerifierKey)
  const log = new LogEvidence(keys)
  if (checked.since !== undefined) log.startFrom(checked.since)
  for (const text of checked.witnesses ?? []) log.addWitness(text)
  await log.read(checked.inputs, checked.onProgress)
  return log.judge(checked.isPartial ?? false)
}
