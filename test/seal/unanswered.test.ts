// Sinks that do not answer for a line in time: whether they have taken its index is not known.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { ControllableSink, type SinkMode } from '../helpers/controllable-sink.js'
import {
  createSealedPipeline,
  draftOf,
  parseSealed,
  sendMessages,
  summarizeSealed,
  verifyLines,
} from '../helpers/seal.js'

const TIMEOUT_MS = 1000

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

const afterTimeout = () => jest.advanceTimersByTimeAsync(TIMEOUT_MS)
const afterRetry = () => jest.advanceTimersByTimeAsync(200)

/** A pipeline whose first record is accepted; after that the sink is in the given mode. */
function createLog(mode: SinkMode) {
  const sink = new ControllableSink()
  const { pipeline } = createSealedPipeline({ sink, sinkTimeoutMs: TIMEOUT_MS })
  sink.mode = mode
  return { sink, pipeline }
}

/** Closes the log, and expects that no index is missing or there twice with different content. */
async function expectIntact({ sink, pipeline }: ReturnType<typeof createLog>): Promise<void> {
  sink.mode = 'accept'
  await pipeline.close()
  jest.useRealTimers()
  const { verdict } = await verifyLines(sink.lines)
  const indices = new Set(parseSealed(sink.lines).map(({ integrity }) => integrity.index))
  expect(verdict).toBe('intact')
  expect([...indices]).toEqual(Array.from(indices, (_, index) => index))
}

describe('a sink that never answers for a line', () => {
  it('gets the same line again, before any other', async () => {
    const log = createLog('hang')
    const { sink, pipeline } = log
    sendMessages(pipeline, 'a', 'b', 'c')
    await afterTimeout()
    await afterTimeout()
    expect(pipeline.isUp()).toBe(false)
    const [, ...written] = sink.received
    expect(written.length).toBeGreaterThanOrEqual(2)
    expect(new Set(written).size).toBe(1)
    sink.mode = 'accept'
    sendMessages(pipeline, 'd')
    await afterTimeout()
    await afterRetry()
    expect(pipeline.isUp()).toBe(true)
    expect(summarizeSealed(sink.lines).slice(0, 5)).toEqual(['started', 'a', 'b', 'c', 'd'])
    expect(pipeline.counts()).toMatchObject({ waiting: 0, lost: 0 })
    await expectIntact(log)
  })

  it('costs no record but those for which the buffer has no room', async () => {
    const sink = new ControllableSink()
    const { pipeline } = createSealedPipeline({ sink, sinkTimeoutMs: TIMEOUT_MS, maxBufferBytes: 3000 })
    sink.mode = 'hang'
    for (let i = 0; i < 40; i++) {
      sendMessages(pipeline, `record ${i}`)
      await jest.advanceTimersByTimeAsync(TIMEOUT_MS / 4)
    }
    expect(new Set(sink.received).size).toBe(2)
    sink.mode = 'accept'
    await afterTimeout()
    await afterRetry()
    const { lost } = pipeline.counts()
    expect(lost).toBeGreaterThan(20)
    await pipeline.close()
    jest.useRealTimers()
    expect(summarizeSealed(sink.lines)).toContain(`lost ${lost}`)
    expect(await verifyLines(sink.lines)).toMatchObject({ verdict: 'declared lost' })
  })

  it('does not keep close() waiting', async () => {
    const { sink, pipeline } = createLog('hang')
    sendMessages(pipeline, 'a')
    const closed = pipeline.close()
    await afterTimeout()
    await closed
    expect(pipeline.counts()).toMatchObject({ written: 1, waiting: 3 })
    expect(new Set(sink.received).size).toBe(2)
  })
})

describe('a line that was written again', () => {
  async function writeAgain() {
    const log = createLog('hold')
    sendMessages(log.pipeline, 'a', 'b')
    await afterTimeout()
    expect(log.sink.pending.map(({ record }) => record.message)).toEqual(['a', 'a'])
    const [first, second] = log.sink.pending
    if (first === undefined || second === undefined) throw new Error('there are two writes')
    log.sink.mode = 'accept'
    return { log, first, second }
  }

  it('is accepted when its first write is answered late', async () => {
    const { log, first, second } = await writeAgain()
    first.accept()
    await afterRetry()
    second.accept()
    await afterRetry()
    expect(summarizeSealed(log.sink.lines).filter((text) => text.length === 1)).toEqual(['a', 'b', 'a'])
    await expectIntact(log)
  })

  it('has its index while only its first write was rejected', async () => {
    const { log, first, second } = await writeAgain()
    log.sink.mode = 'hold'
    first.reject()
    await jest.advanceTimersByTimeAsync(50)
    expect(log.sink.pending.map(({ record }) => record.message)).toEqual(['a'])
    second.accept()
    log.sink.mode = 'accept'
    await afterRetry()
    expect(summarizeSealed(log.sink.lines).slice(0, 3)).toEqual(['started', 'a', 'b'])
    await expectIntact(log)
  })

  it('gives its index back when all its writes were rejected', async () => {
    const { log, first, second } = await writeAgain()
    first.reject()
    second.reject()
    await afterRetry()
    await afterRetry()
    expect(
      summarizeSealed(log.sink.lines)
        .filter((text) => text.length === 1)
        .sort(),
    ).toEqual(['a', 'b'])
    await expectIntact(log)
  })
})

describe('a record that its caller gives up', () => {
  it('is finished all the same, as its index may be taken', async () => {
    const log = createLog('hold')
    const { sink, pipeline } = log
    const acceptance = pipeline.trySend(draftOf('given up'))
    await afterTimeout()
    expect(await acceptance).toBe(false)
    sendMessages(pipeline, 'its correction')
    await afterRetry()
    expect(sink.pending.map(({ record }) => record.message)).toEqual(['given up', 'given up'])
    sink.mode = 'accept'
    await afterTimeout()
    await afterRetry()
    expect(pipeline.isUp()).toBe(true)
    expect(summarizeSealed(sink.lines).slice(0, 3)).toEqual(['started', 'given up', 'its correction'])
    await expectIntact(log)
  })
})
