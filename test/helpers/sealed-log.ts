// Sealed logs, as the package writes them, and what an attacker does to their lines.
import { auditLog, memory } from 'http-audit-log'
import { formatCheckpoint } from '#src/evidence/checkpoint.js'
import { GrowingTree } from '#src/evidence/merkle-tree.js'
import {
  formatSignerKey,
  formatVerifierKey,
  generateSignerKey,
  type SignerKey,
} from '#src/evidence/note-keys.js'
import { SEALED_AUDIT } from '#src/evidence/sealed-formats/audit.js'
import { SEALED_FORMATS } from '#src/evidence/sealed-formats/index.js'
import type { JsonObject } from '#src/evidence/sealed-formats/sealed-format.js'
import { hashParsedLine } from '#src/evidence/sealed-line.js'
import { signNote } from '#src/evidence/signed-note.js'
import { seal } from '#src/seal.js'
import type { Sink } from '#src/sinks/sink.js'

export const LOG_KEY = generateSignerKey('audit.example.org')
export const VERIFIER_KEY = formatVerifierKey(LOG_KEY)

export interface RunOptions {
  readonly records?: number
  readonly key?: SignerKey
  readonly state?: string
  readonly witness?: Sink
  readonly format?: 'audit' | 'ecs' | 'ocsf'
  /** A checkpoint is written after so many lines. */
  readonly every?: number
  /** Whether the run ends as after SIGKILL: without its last records. */
  readonly isKilled?: boolean
  readonly kwargs?: (number: number) => unknown
  readonly message?: (number: number) => string
}

/**
 * The lines of one run: a start, records and checkpoints, a stop and the last checkpoint. With the defaults there are 12 lines, and the
 * checkpoints are in the lines 5, 10 and 11.
 */
export async function writeRun({
  records = 7,
  key = LOG_KEY,
  state,
  witness,
  format = 'audit',
  every = 5,
  isKilled = false,
  kwargs = (number) => ({ account: `NL${number}` }),
  message = (number) => `transfer ${number}`,
}: RunOptions = {}): Promise<string[]> {
  const sink = memory()
  const audit = auditLog({
    sink,
    format,
    service: false,
    seal: seal({ key: formatSignerKey(key), every: { records: every, seconds: 3600 }, state, witness }),
  })
  for (let number = 0; number < records; number++)
    audit
      .logger()
      .setUser({ authenticated: true, id: 'jane' })
      .setFilter('Account', kwargs(number))
      .info(message(number))
      .sendLog()
  if (isKilled) return [...sink.lines]
  await audit.close()
  return [...sink.lines]
}

// biome-ignore lint/suspicious/noExplicitAny: tests change any depth of a record
export type Parsed = any

/** The line with a change to its record. Its hash stays. */
export function change(line: string, edit: (record: Parsed, parsed: Parsed) => void): string {
  const parsed = JSON.parse(line)
  edit(parsed.audit, parsed)
  return `${JSON.stringify(parsed)}\n`
}

/** The same, with the hash of the changed content. */
export function forge(line: string, edit: (record: Parsed, parsed: Parsed) => void): string {
  return rehash(change(line, edit))
}

export function rehash(line: string): string {
  const parsed = JSON.parse(line)
  const leaf = hashParsedLine(parsed, SEALED_AUDIT)
  parsed.audit.integrity.hash = leaf
  return `${JSON.stringify(parsed)}\n`
}

/** A checkpoint of these lines, signed. */
export function signCheckpoint(lines: readonly string[], size: number, key = LOG_KEY): JsonObject {
  const tree = new GrowingTree()
  for (const line of lines.slice(0, size))
    tree.append(Buffer.from(hashParsedLine(JSON.parse(line), SEALED_AUDIT), 'base64url'))
  return signRoot(`${key.name}/${runOf(lines[0] as string)}`, size, tree.root(), key)
}

export function signRoot(origin: string, size: number, root: Buffer, key = LOG_KEY): JsonObject {
  const note = signNote(formatCheckpoint({ origin, size, root }), key)
  return { origin, size, root: root.toString('base64'), note }
}

export function runOf(line: string): string {
  return JSON.parse(line).audit.run
}

/** The hash of a line of any format, as its content has it. */
export function hashLine(line: string, format: 'audit' | 'ecs' | 'ocsf'): string {
  return hashParsedLine(JSON.parse(line), SEALED_FORMATS[format])
}
