// Records as Elasticsearch returns them: Filebeat moves the id of a record to the id of its document and drops what is null, and a
// response of `_search` has many records in one line.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { memory } from 'http-audit-log'
import { formatResult } from '#src/cli/format-result.js'
import { readRecords } from '#src/verify/read-record.js'
import { measureCpuMs } from '../helpers/cpu-time.js'
import { createSealedPipeline, sendMessages, verifyLines } from '../helpers/seal.js'

const FORMATS = ['audit', 'ecs'] as const
const folder = mkdtempSync(join(tmpdir(), 'documents-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(FORMATS)('documents of the format %s that Filebeat has sent', (format) => {
  test('are intact, although they have no id and no null', async () => {
    const lines = shipped(await writeLog({ format, records: 3 }), format)
    expect(await verifyLines(lines)).toMatchObject({ verdict: 'intact', records: 6 })
  })

  test('are named by run and seq when they were changed', async () => {
    const lines = shipped(await writeLog({ format, records: 3 }), format)
    const changed = lines.map((line) => line.replace('"message":"record 1"', '"message":"another"'))
    const { runs } = await verifyLines(changed)
    expect(runs[0]?.modified).toMatchObject([{ index: 2, id: `${runs[0]?.run}-3` }])
  })

  test('are named by the records around them when they are missing', async () => {
    const lines = shipped(await writeLog({ format, records: 5 }), format)
    const result = await verifyLines(lines.filter((_, index) => index !== 2))
    const id = `${result.runs[0]?.run}-3`
    expect(result.runs[0]?.missing).toEqual([{ first: 2, last: 2, firstId: id, lastId: id }])
    expect(formatResult(result, (_, text) => text)).toContain(`index 2, id ${id}\n`)
  })

  test('are named as a range when several are missing', async () => {
    const lines = shipped(await writeLog({ format, records: 5 }), format)
    const result = await verifyLines(lines.filter((_, index) => index !== 2 && index !== 3))
    const run = result.runs[0]?.run
    expect(formatResult(result, (_, text) => text)).toContain(`index 2 to 3, id ${run}-3 to ${run}-4\n`)
  })

  test('have no id where there is no record before them', async () => {
    const lines = shipped(await writeLog({ format, records: 3 }), format)
    const cut = await verifyLines(lines.slice(1))
    expect(cut.runs[0]?.missing).toEqual([{ first: 0, last: 0, firstId: undefined, lastId: undefined }])
  })
})

describe('a part of a log', () => {
  test('is not said to lack the run before it', async () => {
    const state = join(folder, 'state.json')
    await writeLog({ records: 1, state })
    const lines = await writeLog({ records: 1, state })
    expect((await verifyLines(lines)).verdict).toBe('run missing')
    const { verdict, runs } = await verifyLines(lines, { isPartial: true })
    expect(verdict).toBe('partial')
    expect(runs.map((run) => run.verdict).sort()).toEqual(['intact', 'partial'])
  })
})

describe('a response of _search in one line', () => {
  test('is verified like the lines themselves', async () => {
    const lines = await writeLog({ records: 3 })
    expect(await verifyLines([wrapInResponse(lines)])).toMatchObject({ verdict: 'intact', records: 6 })
  })

  test('takes time by its length, not by its length for each record', async () => {
    const lines = await writeLog({ records: 2000 })
    const separate = measureCpuMs(() => lines.flatMap(readRecords))
    const response = wrapInResponse(lines).trim()
    expect(measureCpuMs(() => readRecords(response))).toBeLessThan(20 * separate + 1000)
  })
})

interface LogOptions {
  readonly records: number
  readonly format?: 'audit' | 'ecs'
  readonly state?: string
}

/** A start, the records, a stop and a checkpoint. */
async function writeLog({ records, format = 'audit', state }: LogOptions): Promise<string[]> {
  const sink = memory()
  const { pipeline } = createSealedPipeline({ sink, format }, { every: { records: 100_000 }, state })
  sendMessages(pipeline, ...Array.from({ length: records }, (_, number) => `record ${number}`))
  await pipeline.close()
  return [...sink.lines]
}

/** As Filebeat 7.17 sends it (test against the program: scripts/pipeline). */
function shipped(lines: readonly string[], format: 'audit' | 'ecs'): string[] {
  return lines.map((line) => {
    const document = JSON.parse(line, (_, value) => (value === null ? undefined : value))
    delete document[format === 'audit' ? 'audit' : 'event'].id
    return `${JSON.stringify({ ...document, agent: { type: 'filebeat' }, host: { name: 'x' }, log: { offset: 0 } })}\n`
  })
}

/** With a number in a form that JSON.stringify does not write, so that the text differs from what is parsed. */
function wrapInResponse(lines: readonly string[]): string {
  const hits = lines.map((line) => `{"_id":"x","_source":${line.trim()}}`)
  return `{"took":1.0,"hits":{"hits":[${hits.join(',')}]}}\n`
}
