// Sealed lines, with the records of the seal itself, against the schema of each format.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { normalizeRecord } from 'http-audit-log'
import { formatSignerKey, generateSignerKey } from '#src/evidence/note-keys.js'
import { SEALED_FORMATS, type SealedFormatName } from '#src/evidence/sealed-formats/index.js'
import type { SealedFacts } from '#src/evidence/sealed-formats/sealed-format.js'
import { resolveLoggerOptions } from '#src/options/resolve.js'
import { createPipeline } from '#src/pipeline/pipeline.js'
import { createDraft, type RecordDraft } from '#src/record/record-draft.js'
import { seal } from '#src/seal/create-seal.js'
import { memory } from '#src/sinks/memory.js'
import { variedDrafts } from '../helpers/record-arbitraries.js'
import { type Line, schemaViolations } from './schema-violations.js'

const FORMATS = Object.keys(SEALED_FORMATS) as SealedFormatName[]
const service = { name: 'n'.repeat(128), version: 'v'.repeat(128), nodeName: 'h'.repeat(128) }
/** The longest name that a key may have. */
const key = formatSignerKey(generateSignerKey('k'.repeat(200)))
const folder = mkdtempSync(join(tmpdir(), 'sealed-formats-'))
afterAll(() => rmSync(folder, { recursive: true }))

let runs = 0

/** The lines of two runs of a log, of which the second one is linked to the first. */
async function sealTwoRuns(
  format: SealedFormatName,
  drafts: readonly RecordDraft[],
  maxRecordBytes = 16_384,
) {
  const state = join(folder, `${runs++}.json`)
  const errors: unknown[] = []
  const lines: Line[] = []
  for (const part of [drafts, drafts.slice(0, 1)]) {
    const sink = memory()
    const pipeline = createPipeline(
      resolveLoggerOptions({
        ...{ format, sink, service, maxRecordBytes },
        seal: seal({ key, state, every: { records: 50 } }),
        onError: (error) => errors.push(error),
      }),
    )
    for (const draft of part) void pipeline.send({ ...draft })
    await pipeline.close()
    lines.push(...sink.records<Line>())
  }
  expect(errors).toEqual([])
  return lines
}

describe.each(FORMATS)('sealed lines in the format %s', (format) => {
  const violationsOf = schemaViolations[format]
  const { readFacts, readPlace } = SEALED_FORMATS[format]
  const findViolations = (lines: readonly Line[]) =>
    lines.flatMap((line) => violationsOf(line).map((violation) => [violation, line])).slice(0, 3)
  const factsOf = (lines: readonly Line[]): SealedFacts[] => lines.map((line) => readFacts(line as never))

  it('match the schema for varied records, and for started, stopped and checkpoint records', async () => {
    const lines = await sealTwoRuns(format, variedDrafts())
    expect(findViolations(lines)).toEqual([])
    const facts = factsOf(lines)
    const events = facts.map(({ run_event }) => run_event).filter((event) => event !== undefined)
    expect(events).toEqual(['started', 'stopped', 'started', 'stopped'])
    expect(facts.filter(({ checkpoint }) => checkpoint !== undefined).length).toBeGreaterThan(5)
    expect(facts.filter(({ previous_checkpoints }) => previous_checkpoints !== undefined)).toHaveLength(1)
    expect(lines.every((line) => readPlace(line as never) !== undefined)).toBe(true)
  })

  it('match the schema when records are shortened to the least length with a seal', async () => {
    const maxRecordBytes = 4096
    const lines = await sealTwoRuns(format, variedDrafts(), maxRecordBytes)
    expect(findViolations(lines)).toEqual([])
    const sizes = lines.map((line) => Buffer.byteLength(JSON.stringify(line)))
    expect(Math.max(...sizes)).toBeLessThan(maxRecordBytes)
  })

  it('are rejected by the validator without their hash, their index, or a part of their checkpoint', async () => {
    const lines = await sealTwoRuns(format, [])
    const [line] = lines.filter((_, index) => factsOf(lines)[index]?.checkpoint !== undefined)
    const changes = {
      audit: ['/audit/integrity/hash', '/audit/integrity/index', '/audit/checkpoint/note'],
      ecs: ['/event/hash', '/Audit/integrity/index'],
      ocsf: ['/attestation_list/0/fingerprint/value', '/attestation_list/0/fingerprint', '/attestation_list'],
    }
    expect(violationsOf(line as Line)).toEqual([])
    for (const path of changes[format])
      expect(violationsOf(withoutMember(line as Line, path))).not.toEqual([])
  })

  it('are the same in each run after normalizeRecord', async () => {
    const drafts = [createDraft(0)]
    const [first, second] = [await sealTwoRuns(format, drafts), await sealTwoRuns(format, drafts)]
    expect(first).not.toEqual(second)
    expect(normalizeRecord(first)).toEqual(normalizeRecord(second))
  })
})

function withoutMember(line: Line, path: string): Line {
  const copy = structuredClone(line)
  const names = path.slice(1).split('/')
  const last = names.pop() as string
  const parent = names.reduce((object, name) => object[name] as Line, copy)
  expect(parent).toHaveProperty([last])
  delete parent[last]
  return copy
}
