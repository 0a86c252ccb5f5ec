// One run of a sealed log, from its first record to its last.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { AuditLogger, type AuditOptions, auditLog, memory } from 'http-audit-log'
import { ControllableSink } from '../helpers/controllable-sink.js'
import {
  createSealedPipeline,
  createTestSeal,
  LOG_NAME,
  parseSealed,
  sendMessages,
  summarizeSealed,
  verifyLines,
} from '../helpers/seal.js'

/** Runs a server with a middleware, sends it requests one after the other, and closes both. */
async function serve(
  options: AuditOptions<never>,
  count: number,
  act: (logger: AuditLogger, request: number) => void = () => {},
  afterResponse: (status: number) => Promise<void> = async () => {},
): Promise<number[]> {
  const audit = auditLog(options)
  let request = 0
  const server = createServer((req, res) =>
    audit(req, res, () => {
      act((req as never as { audit: AuditLogger }).audit, ++request)
      res.end('ok')
    }),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const statuses: number[] = []
  for (let i = 0; i < count; i++) {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await response.text()
    statuses.push(response.status)
    await afterResponse(response.status)
  }
  server.close()
  server.closeAllConnections()
  await audit.close()
  return statuses
}

function expectNumbered(lines: readonly string[]): void {
  const records = parseSealed(lines)
  expect(records.map(({ integrity }) => integrity.index)).toEqual(records.map((_, index) => index))
  expect(new Set(records.map(({ run }) => run)).size).toBe(1)
}

describe('a run', () => {
  it('begins with a record of its start, and ends with that of its stop and a checkpoint', async () => {
    const sink = memory()
    const { pipeline, errors } = createSealedPipeline({ sink })
    sendMessages(pipeline, 'one', 'two')
    await pipeline.close()
    expect(summarizeSealed(sink.lines)).toEqual(['started', 'one', 'two', 'stopped', 'checkpoint 4'])
    expect(parseSealed(sink.lines).map(({ message }) => message)).toEqual([
      'Audit log started',
      'one',
      'two',
      'Audit log stopped',
      'Checkpoint of 4 records',
    ])
    expect(parseSealed(sink.lines).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    expectNumbered(sink.lines)
    const [{ run }, last] = [parseSealed(sink.lines)[0], parseSealed(sink.lines)[4]] as never as [
      { run: string },
      never,
    ]
    expect(last).toMatchObject({ checkpoint: { origin: `${LOG_NAME}/${run}`, size: 4 } })
    expect(await verifyLines(sink.lines)).toMatchObject({
      verdict: 'intact',
      records: 5,
      runs: [{ run, proven: 4 }],
    })
    expect(errors).toEqual([])
  })

  it.each(['audit', 'ecs', 'ocsf'] as const)('is intact in the format %s, with requests', async (format) => {
    const sink = memory()
    await serve({ sink, format, seal: createTestSeal({ every: { records: 4 } }) }, 10, (logger) =>
      logger.info('é\u2028'),
    )
    const { verdict, records } = await verifyLines(sink.lines)
    expect({ verdict, records }).toEqual({ verdict: 'intact', records: sink.lines.length })
    expect(records).toBeGreaterThan(13)
  })

  it('has a checkpoint after so many records', async () => {
    const sink = memory()
    const { pipeline } = createSealedPipeline({ sink }, { every: { records: 3 } })
    sendMessages(pipeline, '1', '2', '3', '4', '5')
    expect(summarizeSealed(sink.lines)).toEqual([
      'started',
      '1',
      '2',
      'checkpoint 3',
      '3',
      '4',
      'checkpoint 6',
      '5',
    ])
    await pipeline.close()
    expect((await verifyLines(sink.lines)).verdict).toBe('intact')
  })

  it('has a checkpoint after each record with records: 1', async () => {
    const sink = memory()
    const { pipeline } = createSealedPipeline({ sink }, { every: { records: 1 } })
    sendMessages(pipeline, '1')
    expect(summarizeSealed(sink.lines)).toEqual(['started', 'checkpoint 1', '1', 'checkpoint 3'])
  })

  it.each(['accept', 'hold'] as const)(
    'has a checkpoint after so many seconds: a sink that will %s',
    async (mode) => {
      const sink = new ControllableSink(mode)
      createSealedPipeline({ sink }, { every: { seconds: 1 } })
      if (mode === 'hold') (await sink.next()).accept()
      await sink.waitForReceived(2)
      expect(summarizeSealed(sink.received)).toEqual(['started', 'checkpoint 1'])
    },
  )

  it('has no checkpoint without new records', async () => {
    const sink = memory()
    const { pipeline } = createSealedPipeline({ sink })
    await pipeline.close()
    await pipeline.close()
    expect(summarizeSealed(sink.lines)).toEqual(['started', 'stopped', 'checkpoint 2'])
  })

  it('goes on with records after close(), and ends again', async () => {
    const sink = memory()
    const { pipeline } = createSealedPipeline({ sink })
    await pipeline.close()
    sendMessages(pipeline, 'late')
    expect((await verifyLines(sink.lines)).verdict).toBe('unsealed tail')
    await pipeline.close()
    expect(summarizeSealed(sink.lines)).toEqual([
      'started',
      'stopped',
      'checkpoint 2',
      'late',
      'stopped',
      'checkpoint 5',
    ])
    expect((await verifyLines(sink.lines)).verdict).toBe('intact')
  })

  it('is another one for each pipeline, with numbers of its own', async () => {
    const sink = memory()
    const first = createSealedPipeline({ sink }).pipeline
    const second = createSealedPipeline({ sink }).pipeline
    sendMessages(first, 'a')
    sendMessages(second, 'b')
    sendMessages(first, 'c')
    await first.close()
    await second.close()
    const { verdict, runs } = await verifyLines(sink.lines)
    expect({ verdict, records: runs.map(({ records }) => records).sort() }).toEqual({
      verdict: 'intact',
      records: [4, 5],
    })
    const records = parseSealed(sink.lines)
    for (const { run } of runs) {
      const own = records.filter((record) => record.run === run)
      expect(own.map(({ seq, integrity }) => [seq, integrity.index])).toEqual(
        own.map((_, index) => [index + 1, index]),
      )
    }
  })

  it('is one for all loggers with the same options', async () => {
    const options = { sink: memory(), seal: createTestSeal() }
    for (const message of ['a', 'b']) new AuditLogger(options).info(message).sendLog()
    expect(summarizeSealed(options.sink.lines)).toEqual(['started', 'a', 'b'])
    expectNumbered(options.sink.lines)
  })

  it('has the records of stages, which are records of their own with the number of the request', async () => {
    const sink = memory()
    await serve({ sink, seal: createTestSeal(), stages: ['received', 'started'] }, 2)
    const records = parseSealed(sink.lines) as never as { stage?: string; seq: number; id: string }[]
    expect(records.map(({ stage }) => stage)).toEqual([
      undefined,
      'received',
      'started',
      'completed',
      'received',
      'started',
      'completed',
      undefined,
      undefined,
    ])
    expect(records.map(({ seq }) => seq)).toEqual([1, 2, 2, 2, 3, 3, 3, 4, 5])
    expectNumbered(sink.lines)
    expect((await verifyLines(sink.lines)).verdict).toBe('intact')
  })

  it('has the records of children, with the id of their parent', async () => {
    const sink = memory()
    await serve({ sink, seal: createTestSeal() }, 1, (logger) => {
      logger.child().setAction('close', { type: 'Account', id: '1' }).sendLog()
      logger.child().setAction('close', { type: 'Account', id: '2' }).sendLog()
    })
    const records = parseSealed(sink.lines) as never as { id: string; parent?: string; children?: number }[]
    const parent = records.find(({ children }) => children === 2)
    expect(records.filter((record) => record.parent === parent?.id)).toHaveLength(2)
    expectNumbered(sink.lines)
    expect((await verifyLines(sink.lines)).verdict).toBe('intact')
  })

  it.each(['audit', 'ecs', 'ocsf'] as const)(
    'has records of its own that no path of redaction changes: %s',
    async (format) => {
      const sink = memory()
      const redact = { paths: ['message', 'target.id'] }
      const { pipeline } = createSealedPipeline({ sink, format, redact })
      sendMessages(pipeline, 'hello')
      await pipeline.close()
      expect((await verifyLines(sink.lines)).verdict).toBe('intact')
    },
  )

  it('tells the witness of its first record', async () => {
    const witness = memory()
    const { pipeline } = createSealedPipeline({ sink: memory() }, { witness })
    sendMessages(pipeline, 'hello')
    expect(witness.lines.map((note) => note.split('\n')[1])).toEqual(['1'])
    await pipeline.close()
  })

  it('may have another record before that of its start, if the sink rejects that one', async () => {
    const lines: string[] = []
    let isRejecting = true
    const sink = {
      async write(line: string) {
        if (isRejecting) {
          isRejecting = false
          throw new Error('not yet')
        }
        lines.push(line)
      },
    }
    const { pipeline } = createSealedPipeline({ sink })
    sendMessages(pipeline, 'one', 'two')
    await pipeline.flush()
    await pipeline.close()
    expect(parseSealed(lines)[0]?.run_event).toBeUndefined()
    expect((await verifyLines(lines)).verdict).toBe('intact')
  })

  it('has the counts of stats()', async () => {
    const sink = memory()
    const audit = auditLog({ sink, seal: createTestSeal({ every: { records: 2 } }) })
    const { run } = parseSealed(sink.lines)[0] as { run: string }
    expect(audit.stats()).toMatchObject({
      written: 1,
      lost: 0,
      seal: { run, size: 1, signed: 0, witness: undefined },
    })
    await audit.close()
    expect(audit.stats()).toMatchObject({ seal: { run, size: 3, signed: 2 } })
    expect(auditLog({ sink: memory() }).stats()).not.toHaveProperty('seal')
  })
})

describe('under failClosed', () => {
  it('a record that the sink refuses leaves its place to the one of the 503', async () => {
    const sink = new ControllableSink()
    const statuses = await serve(
      { sink, seal: createTestSeal(), failClosed: true },
      40,
      (_logger, request) => {
        if (request !== 2) return
        sink.mode = 'throw'
        // After the refusal, on which the 503 is sent.
        void sink.waitForReceived(sink.received.length + 1).then(() => {
          sink.mode = 'accept'
        })
      },
    )
    expect(statuses.slice(0, 2)).toEqual([200, 503])
    expectNumbered(sink.lines)
    expect((await verifyLines(sink.lines)).verdict).toBe('intact')
  })

  it('a record that the sink never answers for is in the log, and its correction at the next index', async () => {
    const sink = new ControllableSink()
    const statuses = await serve(
      { sink, seal: createTestSeal(), failClosed: true, sinkTimeoutMs: 50 },
      3,
      (_logger, request) => {
        if (request === 2) sink.mode = 'hang'
      },
      async (status) => {
        if (status === 200 || sink.mode === 'accept') return
        const { length } = sink.received
        sink.mode = 'accept'
        await sink.waitForReceived(length + 1)
      },
    )
    expect(statuses.slice(0, 2)).toEqual([200, 503])
    const records = sink.records<{ audit: Record<string, unknown> }>().map(({ audit }) => audit)
    const [given] = records.filter(({ integrity }) => (integrity as { index: number }).index === 2)
    const correction = records.find(({ stage }) => stage === 'corrected')
    expect(given).toMatchObject({ http_response: { status_code: 200 } })
    expect(correction).toMatchObject({
      id: given?.id,
      http_response: { status_code: 503 },
      integrity: { index: 3 },
    })
    expectNumbered(sink.lines)
    expect((await verifyLines(sink.lines)).verdict).toBe('intact')
  })

  it.each(['throw', 'reject'] as const)(
    'a record that the sink refuses leaves its place to its correction, which is the only one of the request: %s',
    async (mode) => {
      const sink = new ControllableSink()
      const statuses = await serve(
        { sink, seal: createTestSeal(), failClosed: true },
        2,
        (_logger, request) => {
          if (request === 2) sink.mode = mode
        },
        async (status) => {
          if (status === 503) sink.mode = 'accept'
        },
      )
      expect(statuses).toEqual([200, 503])
      const records = sink.records<{ audit: Record<string, unknown> }>().map(({ audit }) => audit)
      const ofRequests = records.filter(({ http_request }) => http_request !== null)
      expect(
        ofRequests.map(({ http_response }) => (http_response as { status_code: number }).status_code),
      ).toEqual([200, 503])
      expectNumbered(sink.lines)
      expect((await verifyLines(sink.lines)).verdict).toBe('intact')
    },
  )
})
