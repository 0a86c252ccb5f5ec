// Sealed logs: keys, pipelines, and their verdict by the verifier, which has the public key alone.
import { Readable } from 'node:stream'
import { formatSignerKey, formatVerifierKey, generateSignerKey } from '#src/evidence/note-keys.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { resolveLoggerOptions } from '#src/options/resolve.js'
import { createPipeline, type Pipeline } from '#src/pipeline/pipeline.js'
import { createDraft, type RecordDraft } from '#src/record/record-draft.js'
import { seal } from '#src/seal/create-seal.js'
import type { Seal, SealOptions } from '#src/seal/seal.js'
import type { Verification } from '#src/verify/findings.js'
import { type VerifyOptions, verify } from '#src/verify/verify.js'

export const LOG_NAME = 'audit.example.org'
const signer = generateSignerKey(LOG_NAME)
/** The same in all tests of a file. */
export const SIGNING_KEY = formatSignerKey(signer)
export const VERIFIER_KEY = formatVerifierKey(signer)

/** Seals with the key of the test file. */
export function createTestSeal(options: Omit<SealOptions, 'key'> = {}): Seal {
  return seal({ key: SIGNING_KEY, ...options })
}

/** A pipeline with `seal`, and what it reports. */
export function createSealedPipeline(
  options: AuditLoggerOptions,
  sealOptions?: Omit<SealOptions, 'key'>,
): { pipeline: Pipeline; errors: Error[] } {
  const errors: Error[] = []
  const onError = (error: Error) => errors.push(error)
  const pipeline = createPipeline(
    resolveLoggerOptions({ onError, seal: createTestSeal(sealOptions), ...options }),
  )
  return { pipeline, errors }
}

/** Sends records with the messages. */
export function sendMessages(pipeline: Pipeline, ...messages: string[]): void {
  for (const message of messages) void pipeline.send(draftOf(message))
}

export function draftOf(message: string): RecordDraft {
  return { ...createDraft(Date.now()), message }
}

/** What the verifier says of lines. */
export function verifyLines(
  lines: readonly string[],
  options: Omit<Partial<VerifyOptions>, 'inputs'> = {},
): Promise<Verification> {
  return verify({ keys: [VERIFIER_KEY], inputs: [Readable.from([lines.join('')])], ...options })
}

/** The members that tests of a sealed log look at. */
export interface SealedRecord {
  readonly run: string
  readonly seq: number
  readonly message: string
  readonly run_event?: string
  readonly checkpoint?: { readonly origin: string; readonly size: number; readonly note: string }
  readonly previous_checkpoints?: readonly string[]
  readonly lost?: { readonly count: number; readonly from_seq: number; readonly to_seq: number }
  readonly integrity: { readonly index: number; readonly hash: string }
}

export function parseSealed(lines: readonly string[]): SealedRecord[] {
  return lines.map((line) => JSON.parse(line).audit)
}

/** One word per record: `started`, `checkpoint 3`, `stopped`, `lost`, or its message. */
export function summarizeSealed(lines: readonly string[]): string[] {
  return parseSealed(lines).map(({ run_event, checkpoint, lost, message }) => {
    if (checkpoint !== undefined) return `checkpoint ${checkpoint.size}`
    return run_event ?? (lost === undefined ? message : `lost ${lost.count}`)
  })
}
