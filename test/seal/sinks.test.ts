// Sinks that refuse lines, answer late, or fail in the middle of a line.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { file, memory, stream } from 'http-audit-log'
import type { Pipeline } from '#src/pipeline/pipeline.js'
import { markWritesAtOnce } from '#src/sinks/sink.js'
import { ControllableSink } from '../helpers/controllable-sink.js'
import {
  createSealedPipeline,
  draftOf,
  parseSealed,
  sendMessages,
  summarizeSealed,
  verifyLines,
} from '../helpers/seal.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-seal-'))
})
afterEach(() => {
  jest.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const indicesOf = (lines: readonly string[]) => parseSealed(lines).map(({ integrity }) => integrity.index)

async function expectVerdict(lines: readonly string[], verdict: string): Promise<void> {
  const found = await verifyLines(lines)
  expect([found.verdict, found.runs[0]?.verdicts]).toEqual([verdict, [verdict]])
  expect(indicesOf(lines)).toEqual(lines.map((_, index) => index))
}

/** Flushes until the sink has accepted everything: each flush retries. */
async function untilWritten(pipeline: Pipeline): Promise<void> {
  while (pipeline.counts().waiting > 0 || !pipeline.isUp()) await pipeline.flush()
}

describe('a sink that refuses a line', () => {
  it.each(['throw', 'reject'] as const)(
    'leaves the place to the next line, and has a checkpoint when it is back: %s',
    async (mode) => {
      const sink = new ControllableSink()
      const { pipeline } = createSealedPipeline({ sink })
      sendMessages(pipeline, 'before')
      sink.mode = mode
      sendMessages(pipeline, 'during', 'during too')
      await pipeline.flush()
      expect(pipeline.isUp()).toBe(false)
      sink.mode = 'accept'
      await pipeline.flush()
      expect(summarizeSealed(sink.lines)).toEqual([
        'started',
        'before',
        'during',
        'during too',
        'checkpoint 4',
      ])
      await pipeline.close()
      await expectVerdict(sink.lines, 'intact')
    },
  )

  it('declares the records that were lost, in a record that is sealed itself', async () => {
    const sink = new ControllableSink()
    const { pipeline } = createSealedPipeline({ sink, maxBufferBytes: 2000 })
    sink.mode = 'throw'
    sendMessages(pipeline, ...Array.from({ length: 9 }, (_, i) => `record ${i}`))
    sink.mode = 'accept'
    await pipeline.flush()
    await pipeline.close()
    const { lost } = pipeline.counts()
    expect(lost).toBeGreaterThan(3)
    expect(summarizeSealed(sink.lines)).toContain(`lost ${lost}`)
    await expectVerdict(sink.lines, 'declared lost')
    expect((await verifyLines(sink.lines)).runs[0]?.declaredLost).toBe(lost)
  })

  it('that is down from the start gets the whole run later', async () => {
    const sink = new ControllableSink('throw')
    const { pipeline } = createSealedPipeline({ sink })
    sendMessages(pipeline, 'a')
    expect(pipeline.counts()).toMatchObject({ waiting: 2, seal: { size: 0 } })
    sink.mode = 'accept'
    await pipeline.flush()
    await pipeline.close()
    await expectVerdict(sink.lines, 'intact')
  })
})

describe('a sink that answers later', () => {
  it('gets the lines one after the other', async () => {
    const sink = new ControllableSink('hold')
    const { pipeline } = createSealedPipeline({ sink })
    sendMessages(pipeline, 'a', 'b')
    for (const expected of [1, 2, 3]) {
      const write = await sink.next()
      expect(sink.received).toHaveLength(expected)
      write.accept()
    }
    sink.mode = 'accept'
    await pipeline.close()
    await expectVerdict(sink.lines, 'intact')
  })

  it('gives the place of a line that it rejects to the next one', async () => {
    const sink = new ControllableSink('hold')
    const { pipeline } = createSealedPipeline({ sink })
    ;(await sink.next()).accept()
    sendMessages(pipeline, 'a', 'b')
    ;(await sink.next()).reject()
    sink.mode = 'accept'
    await pipeline.flush()
    sink.pending[0]?.accept()
    await pipeline.close()
    await expectVerdict(sink.lines, 'intact')
    expect(summarizeSealed(sink.lines).sort()).toEqual(
      expect.arrayContaining(['a', 'b', 'started', 'stopped']),
    )
  })

  it('is a stream: the log is intact', async () => {
    const chunks: string[] = []
    const writable = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(String(chunk))
        setImmediate(done)
      },
    })
    const { pipeline, errors } = createSealedPipeline({ sink: stream(writable) }, { every: { records: 5 } })
    sendMessages(pipeline, ...Array.from({ length: 20 }, (_, i) => `record ${i}`))
    await nextTurn()
    sendMessages(pipeline, ...Array.from({ length: 20 }, (_, i) => `later record ${i}`))
    await pipeline.close()
    expect(errors).toEqual([])
    expect(chunks.length).toBeGreaterThan(42)
    await expectVerdict(chunks, 'intact')
  })

  it('rejects every seventh line: the log is intact, with each record once', async () => {
    const sink = memory()
    let count = 0
    let isFlaky = true
    const flaky = {
      async write(line: string) {
        await null
        count += 1
        if (isFlaky && count % 7 === 3) throw new Error('refused')
        void sink.write(line)
      },
    }
    const { pipeline } = createSealedPipeline({ sink: flaky }, { every: { records: 5 } })
    for (let i = 0; i < 30; i++) {
      sendMessages(pipeline, `record ${i}`)
      if (i % 5 === 0) await pipeline.flush()
    }
    await untilWritten(pipeline)
    isFlaky = false
    await pipeline.close()
    expect(pipeline.counts()).toMatchObject({ waiting: 0, lost: 0 })
    expect(summarizeSealed(sink.lines)).toEqual(
      expect.arrayContaining(Array.from({ length: 30 }, (_, i) => `record ${i}`)),
    )
    await expectVerdict(sink.lines, 'intact')
  })
})

describe('file() with fsync', () => {
  /** Has each line when `write` returns, as the file has; the test decides whether fdatasync(2) fails. */
  function createFile() {
    const inFile: string[] = []
    const disk = new ControllableSink('hold')
    const sink = markWritesAtOnce({
      write(line: string) {
        inFile.push(line)
        return disk.write(line)
      },
    })
    return { inFile, disk, sink }
  }

  it('writes the same lines again when fdatasync(2) has failed: the log is intact', async () => {
    const { inFile, disk, sink } = createFile()
    const { pipeline } = createSealedPipeline({ sink })
    sendMessages(pipeline, 'a', 'b', 'c')
    expect(summarizeSealed(inFile)).toEqual(['started', 'a', 'b', 'c'])
    disk.mode = 'accept'
    for (const write of [...disk.pending]) write.reject()
    await untilWritten(pipeline)
    await pipeline.close()
    const written = ['started', 'a', 'b', 'c']
    expect(summarizeSealed(inFile)).toEqual([
      ...written,
      ...written,
      'checkpoint 4',
      'stopped',
      'checkpoint 6',
    ])
    expect(inFile.slice(4, 8)).toEqual(inFile.slice(0, 4))
    expect((await verifyLines(inFile)).verdict).toBe('intact')
  })

  it('writes a line again as often as fdatasync(2) fails, at the same index', async () => {
    const { inFile, disk, sink } = createFile()
    const { pipeline } = createSealedPipeline({ sink })
    for (let failures = 0; failures < 3; failures++) {
      void pipeline.flush()
      ;(await disk.next()).reject()
    }
    await nextTurn()
    expect(pipeline.isUp()).toBe(false)
    disk.mode = 'accept'
    await untilWritten(pipeline)
    await pipeline.close()
    expect(indicesOf(inFile)).toEqual([0, 0, 0, 0, 1, 2, 3])
    expect((await verifyLines(inFile)).verdict).toBe('intact')
  })

  it('writes a line that its caller gave up once, and its correction at the next index', async () => {
    const { inFile, disk, sink } = createFile()
    const { pipeline } = createSealedPipeline({ sink })
    ;(await disk.next()).accept()
    await pipeline.flush()
    const acceptance = pipeline.trySend(draftOf('given up'))
    ;(await disk.next()).reject()
    expect(await acceptance).toBe(false)
    disk.mode = 'accept'
    sendMessages(pipeline, 'its correction')
    await untilWritten(pipeline)
    await pipeline.close()
    expect(summarizeSealed(inFile).slice(0, 3)).toEqual(['started', 'given up', 'its correction'])
    await expectVerdict(inFile, 'intact')
  })

  it('is intact, though several lines share one fdatasync(2)', async () => {
    const path = join(folder, 'audit.log')
    const { pipeline } = createSealedPipeline(
      { sink: file(path, { fsync: true }) },
      { every: { records: 10 } },
    )
    sendMessages(pipeline, ...Array.from({ length: 50 }, (_, i) => `record ${i}`))
    await pipeline.close()
    await expectVerdict(readFileSync(path, 'utf8').split(/(?<=\n)/), 'intact')
  })
})
