import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import type { AuditLogError } from '#src/lib/errors.js'
import { createReporter } from '#src/lib/reporter.js'
import { Delivery, toLineSink } from '#src/pipeline/delivery.js'
import type { Loss } from '#src/pipeline/outage.js'
import { ControllableSink, type SinkMode } from '../helpers/controllable-sink.js'
import { repetitions } from '../helpers/slow.js'

/** Longer than the interval between two retries. */
const PAST_RETRY_MS = 200
const TIMEOUT_MS = 1000
const LINE_BYTES = 10

const textOf = (seq: number, bytes = LINE_BYTES) => `${String(seq).padStart(bytes - 1, '0')}\n`
const seqs = (texts: readonly string[]) => texts.map(Number)
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
  jest.restoreAllMocks()
})

/** A delivery whose lines are numbered from 1. The buffer has room for `room` of them. */
function createDelivery({ room = 1000 } = {}) {
  const sink = new ControllableSink()
  const losses: Loss[] = []
  const reported: string[] = []
  const delivery = new Delivery({
    sink: toLineSink(sink),
    maxBufferBytes: room * LINE_BYTES,
    sinkTimeoutMs: TIMEOUT_MS,
    reporter: {
      report: (code, message) => void reported.push(`${code} ${message}`),
      reportOnce: () => {},
      notify: (message) => void reported.push(message),
    },
    onRecovery: (loss) => {
      if (loss !== undefined) losses.push({ ...loss })
    },
  })
  let seq = 0
  const next = (bytes?: number) => {
    seq += 1
    return { text: textOf(seq, bytes), seq }
  }
  return {
    sink,
    losses,
    reported,
    isUp: () => delivery.isUp(),
    flush: () => delivery.flush(),
    counts: () => delivery.counts(),
    sent: () => seq,
    // `unknown`, so that tests may ignore an acceptance that is a promise.
    send: (bytes?: number): unknown => delivery.send(next(bytes)),
    sendMany: (count: number, bytes?: number): unknown[] =>
      oneTo(count).map((): unknown => delivery.send(next(bytes))),
    trySend: (): unknown => delivery.trySend(next()),
  }
}

const afterRetry = () => jest.advanceTimersByTimeAsync(PAST_RETRY_MS)
const afterTimeout = () => jest.advanceTimersByTimeAsync(TIMEOUT_MS + PAST_RETRY_MS)

describe('a synchronous sink', () => {
  it('receives the lines in order and accepts each', () => {
    const { sink, sendMany, counts } = createDelivery()
    expect(sendMany(3)).toEqual([true, true, true])
    expect(seqs(sink.lines)).toEqual([1, 2, 3])
    expect(counts()).toEqual({ written: 3, waiting: 0, lost: 0 })
  })

  it('receives the buffered lines in order of seq, before newer ones, when it recovers', async () => {
    const { sink, sendMany, send, counts, losses } = createDelivery()
    sink.mode = 'throw'
    expect(sendMany(3)).toEqual([false, false, false])
    expect(counts()).toEqual({ written: 0, waiting: 3, lost: 0 })
    sink.mode = 'accept'
    await jest.advanceTimersByTimeAsync(99)
    expect(sink.lines).toEqual([])
    send()
    await afterRetry()
    expect(send()).toBe(true)
    expect(seqs(sink.lines)).toEqual([1, 2, 3, 4, 5])
    expect(losses).toEqual([])
  })

  it('is not written to for each line while it is down', () => {
    const { sink, sendMany } = createDelivery()
    sink.mode = 'throw'
    sendMany(500)
    expect(sink.received.length).toBeLessThanOrEqual(2)
  })

  it('is retried even when no further line is sent', async () => {
    const { sink, send } = createDelivery()
    sink.mode = 'throw'
    send()
    await afterRetry()
    sink.mode = 'accept'
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([1])
  })

  it('is reported as failed once and as recovered once, however many lines were sent', async () => {
    const { sink, sendMany, reported } = createDelivery({ room: 2 })
    sink.mode = 'throw'
    sendMany(5)
    await afterRetry()
    sendMany(5)
    expect(reported).toHaveLength(1)
    expect(reported[0]).toMatch(/^ERR_AUDIT_SINK .*failed to write a record/)
    sink.mode = 'accept'
    await afterRetry()
    sendMany(5)
    expect(reported).toHaveLength(2)
    expect(reported[1]).toMatch(/recovered after \d+ ms: 2 records written, 8 lost/)
  })

  it('loses one contiguous range: after a line that does not fit, later lines are lost too', async () => {
    const { sink, sendMany, counts, losses } = createDelivery({ room: 3 })
    sink.mode = 'throw'
    sendMany(7)
    expect(counts()).toEqual({ written: 0, waiting: 3, lost: 4 })
    sink.mode = 'accept'
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([1, 2, 3])
    expect(losses).toEqual([{ count: 4, fromSeq: 4, toSeq: 7 }])
    expect(counts()).toEqual({ written: 3, waiting: 0, lost: 4 })
  })

  it('loses a short line that would fit after a longer one did not', async () => {
    const { sink, send, losses } = createDelivery({ room: 3 })
    sink.mode = 'throw'
    send()
    send(5 * LINE_BYTES)
    send()
    sink.mode = 'accept'
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([1])
    expect(losses).toEqual([{ count: 2, fromSeq: 2, toSeq: 3 }])
  })

  it('reports the losses of each outage once', async () => {
    const { sink, sendMany, losses } = createDelivery({ room: 1 })
    for (const _outage of [1, 2]) {
      sink.mode = 'throw'
      sendMany(3)
      sink.mode = 'accept'
      await afterRetry()
    }
    expect(losses).toEqual([
      { count: 2, fromSeq: 2, toSeq: 3 },
      { count: 2, fromSeq: 5, toSeq: 6 },
    ])
  })

  it('stays down until it accepts a line, even when maxBufferBytes is 0', async () => {
    const { sink, sendMany, reported, isUp, counts, losses } = createDelivery({ room: 0 })
    sink.mode = 'throw'
    sendMany(3)
    for (let i = 0; i < 10; i++) {
      await afterRetry()
      expect(isUp()).toBe(false)
    }
    expect(reported).toHaveLength(1)
    sink.mode = 'accept'
    await afterRetry()
    expect(isUp()).toBe(true)
    expect(counts().written + counts().lost).toBe(3)
    expect(losses).toEqual([{ count: 2, fromSeq: 2, toSeq: 3 }])
  })

  it('continues with the next buffered line after it fails again in the middle of the buffer', async () => {
    const { sink, sendMany, counts } = createDelivery()
    sink.mode = 'throw'
    sendMany(4)
    const write = sink.write.bind(sink)
    let left = 2
    sink.mode = 'accept'
    sink.write = (text) => {
      if (left-- <= 0) throw new Error('broken again')
      return write(text)
    }
    await afterRetry()
    expect(counts()).toEqual({ written: 2, waiting: 2, lost: 0 })
    sink.write = write
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([1, 2, 3, 4])
  })
})

describe('an asynchronous sink', () => {
  it('accepts a line when its promise is fulfilled, and not before', async () => {
    const { sink, send, counts } = createDelivery()
    sink.mode = 'hold'
    const acceptance = send()
    expect(counts()).toEqual({ written: 0, waiting: 1, lost: 0 })
    sink.pending[0]?.accept()
    expect(await acceptance).toBe(true)
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 0 })
  })

  it('receives rejected lines again in order of seq, whatever the order of the rejections', async () => {
    const { sink, sendMany } = createDelivery()
    sink.mode = 'hold'
    sendMany(4)
    for (const index of [2, 0, 1, 0]) sink.pending[index]?.reject()
    await jest.advanceTimersByTimeAsync(0)
    sink.mode = 'accept'
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([1, 2, 3, 4])
  })

  it('is probed with one line at a time while it is down', async () => {
    const { sink, sendMany } = createDelivery()
    sink.mode = 'reject'
    sendMany(1)
    await jest.advanceTimersByTimeAsync(0)
    sendMany(20)
    sink.mode = 'hold'
    await afterRetry()
    expect(sink.pending).toHaveLength(1)
    sink.pending[0]?.accept()
    await jest.advanceTimersByTimeAsync(0)
    expect(sink.pending.map(({ line }) => Number(line))).toEqual([2])
  })

  it('loses no buffered line when it rejects the same line again and again', async () => {
    const { sink, sendMany, counts, losses } = createDelivery({ room: 3 })
    sink.mode = 'reject'
    sendMany(1)
    await jest.advanceTimersByTimeAsync(0)
    sendMany(5)
    for (let i = 0; i < 5; i++) await afterRetry()
    expect(counts()).toEqual({ written: 0, waiting: 3, lost: 3 })
    sink.mode = 'accept'
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([1, 2, 3])
    expect(losses).toEqual([{ count: 3, fromSeq: 4, toSeq: 6 }])
  })

  it('reserves buffer space for the line that probes the sink', async () => {
    const { sink, sendMany, send, losses } = createDelivery({ room: 3 })
    sink.mode = 'reject'
    sendMany(3)
    await jest.advanceTimersByTimeAsync(0)
    sink.mode = 'hold'
    await afterRetry()
    send()
    sink.pending[0]?.reject()
    await jest.advanceTimersByTimeAsync(0)
    sink.mode = 'accept'
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([1, 2, 3])
    expect(losses).toEqual([{ count: 1, fromSeq: 4, toSeq: 4 }])
  })

  it('reports a loss from its lowest to its highest seq when an older line returns to a full buffer', async () => {
    const { sink, send, sendMany, losses } = createDelivery({ room: 3 })
    sink.mode = 'hold'
    sendMany(3)
    sink.pending[2]?.reject()
    await jest.advanceTimersByTimeAsync(0)
    sendMany(3)
    expect(await send()).toBe(false)
    for (const { reject } of [...sink.pending]) reject()
    await jest.advanceTimersByTimeAsync(0)
    sink.mode = 'accept'
    await afterRetry()
    const [loss] = losses
    expect(losses).toHaveLength(1)
    const missing = oneTo(7).filter((seq) => !seqs(sink.lines).includes(seq))
    expect(loss).toEqual({ count: missing.length, fromSeq: missing[0], toSeq: missing.at(-1) })
  })

  it('is down after it has not answered for sinkTimeoutMs', async () => {
    const { sink, send, reported, isUp } = createDelivery()
    sink.mode = 'hang'
    const acceptance = send()
    await afterTimeout()
    expect(await acceptance).toBe(false)
    expect(reported).toHaveLength(1)
    expect(isUp()).toBe(false)
  })

  it('stays down and is reported once for as long as it does not answer', async () => {
    const { sink, send, reported, isUp, counts } = createDelivery()
    sink.mode = 'hang'
    for (let i = 0; i < 10; i++) {
      send()
      await afterTimeout()
      expect(isUp()).toBe(false)
    }
    expect(reported).toHaveLength(1)
    expect(counts()).toEqual({ written: 0, waiting: 10, lost: 0 })
  })

  it('is not given a line again that it may still write', async () => {
    const { sink, send, counts } = createDelivery()
    sink.mode = 'hold'
    send()
    await afterTimeout()
    send()
    await afterRetry()
    expect(sink.pending.map(({ line }) => Number(line))).toEqual([1, 2])
    for (const { accept } of [...sink.pending]) accept()
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([1, 2])
    expect(counts()).toEqual({ written: 2, waiting: 0, lost: 0 })
  })

  it('recovers when it accepts an overdue line, which counts as written', async () => {
    const { sink, send, reported, counts, isUp, losses } = createDelivery()
    sink.mode = 'hold'
    send()
    await afterTimeout()
    await afterTimeout()
    sink.pending[0]?.accept()
    await afterRetry()
    expect(isUp()).toBe(true)
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 0 })
    expect(losses).toEqual([])
    expect(reported).toHaveLength(2)
  })

  it('receives a line again that it rejects after the timeout', async () => {
    const { sink, send, counts } = createDelivery()
    sink.mode = 'hold'
    send()
    await afterTimeout()
    sink.pending[0]?.reject()
    sink.mode = 'accept'
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([1])
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 0 })
  })

  it('has lost the lines it never answered for once it accepts later ones', async () => {
    const { sink, send, counts, losses, isUp } = createDelivery()
    sink.mode = 'hang'
    send()
    await afterTimeout()
    sink.mode = 'accept'
    send()
    await afterRetry()
    expect(isUp()).toBe(true)
    expect(losses).toEqual([{ count: 1, fromSeq: 1, toSeq: 1 }])
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 1 })
  })

  it('does not change the counts when it accepts a line that was counted as lost', async () => {
    const { sink, send, counts } = createDelivery()
    sink.mode = 'hold'
    send()
    await afterTimeout()
    sink.mode = 'accept'
    send()
    await afterRetry()
    sink.pending[0]?.accept()
    await afterRetry()
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 1 })
  })

  it('bounds both the pending and the buffered lines by maxBufferBytes', () => {
    const { sink, sendMany, counts } = createDelivery({ room: 5 })
    sink.mode = 'hang'
    sendMany(100)
    expect(sink.received.length).toBe(5)
    expect(counts()).toEqual({ written: 0, waiting: 10, lost: 90 })
  })

  it('can recover after it has left as many lines unanswered as the bound allows', async () => {
    const { sink, sendMany, send, isUp, counts } = createDelivery({ room: 5 })
    sink.mode = 'hang'
    sendMany(5)
    await afterTimeout()
    for (let i = 0; i < 8; i++) {
      send()
      await afterTimeout()
    }
    sink.mode = 'accept'
    send()
    await afterTimeout()
    expect(isUp()).toBe(true)
    const { written, waiting, lost } = counts()
    expect(waiting).toBe(0)
    expect(written + lost).toBe(14)
    expect(send()).toBe(true)
  })
})

describe('trySend()', () => {
  it('neither buffers a line that the sink does not accept nor counts it as lost', async () => {
    const { sink, trySend, counts } = createDelivery()
    sink.mode = 'throw'
    expect(trySend()).toBe(false)
    expect(counts()).toEqual({ written: 0, waiting: 0, lost: 0 })
    sink.mode = 'accept'
    await afterRetry()
    expect(sink.lines).toEqual([])
  })

  it('does not write to a sink that is down', async () => {
    const { sink, send, trySend } = createDelivery()
    sink.mode = 'throw'
    send()
    const attempts = sink.received.length
    expect(trySend()).toBe(false)
    expect(sink.received.length).toBe(attempts)
  })

  it('ignores what the sink answers after the timeout, because the caller has the line', async () => {
    const { sink, trySend, send, counts, losses } = createDelivery()
    sink.mode = 'hold'
    const acceptance = trySend()
    await afterTimeout()
    expect(await acceptance).toBe(false)
    sink.pending[0]?.reject()
    sink.mode = 'accept'
    send()
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([2])
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 0 })
    expect(losses).toEqual([])
  })
})

describe('flush()', () => {
  it('waits until the sink has accepted every line', async () => {
    const { sink, sendMany, flush } = createDelivery()
    sink.mode = 'hold'
    sendMany(2)
    let isFlushed = false
    const flushed = flush().then(() => {
      isFlushed = true
    })
    sink.pending[1]?.accept()
    await jest.advanceTimersByTimeAsync(0)
    expect(isFlushed).toBe(false)
    sink.pending[0]?.accept()
    await flushed
  })

  it('writes the buffered lines at once, without waiting for the next retry', async () => {
    const { sink, sendMany, flush } = createDelivery()
    sink.mode = 'throw'
    sendMany(3)
    sink.mode = 'accept'
    await flush()
    expect(seqs(sink.lines)).toEqual([1, 2, 3])
  })

  it.each<SinkMode>(['throw', 'reject', 'hang'])('ends when the sink %s', async (mode) => {
    const { sink, sendMany, flush, counts } = createDelivery()
    sink.mode = mode
    sendMany(2)
    const flushed = flush()
    await afterTimeout()
    await afterTimeout()
    await flushed
    await flush()
    expect(counts()).toEqual({ written: 0, waiting: 2, lost: 0 })
  })

  it('ends after the sink left a line unanswered and recovered', async () => {
    const { sink, send, flush } = createDelivery()
    sink.mode = 'hang'
    send()
    await afterTimeout()
    sink.mode = 'accept'
    send()
    await afterRetry()
    await flush()
    expect(seqs(sink.lines)).toEqual([2])
  })
})

describe('reporting', () => {
  it('publishes each lost line and the recovery on diagnostics_channel', async () => {
    const messages: unknown[] = []
    const lost = (message: unknown) => void messages.push(['lost', message])
    const recovered = (message: unknown) => void messages.push(['recovered', message])
    subscribe('http-audit-log:lost', lost)
    subscribe('http-audit-log:recovered', recovered)
    try {
      const { sink, sendMany } = createDelivery({ room: 1 })
      sink.mode = 'throw'
      sendMany(3)
      sink.mode = 'accept'
      await afterRetry()
    } finally {
      unsubscribe('http-audit-log:lost', lost)
      unsubscribe('http-audit-log:recovered', recovered)
    }
    expect(messages).toEqual([
      ['lost', { seq: 2 }],
      ['lost', { seq: 3 }],
      ['recovered', { durationMs: expect.any(Number), written: 1, loss: { count: 2, fromSeq: 2, toSeq: 3 } }],
    ])
  })

  it('buffers a record that onError sends', async () => {
    const sink = new ControllableSink()
    const delivery: Delivery = new Delivery({
      sink: toLineSink(sink),
      maxBufferBytes: 1000,
      sinkTimeoutMs: TIMEOUT_MS,
      reporter: {
        report: () => void delivery.send({ text: textOf(2), seq: 2 }),
        reportOnce: () => {},
        notify: () => {},
      },
      onRecovery: () => {},
    })
    sink.mode = 'throw'
    expect(delivery.send({ text: textOf(1), seq: 1 })).toBe(false)
    sink.mode = 'accept'
    await afterRetry()
    expect(seqs(sink.lines)).toEqual([1, 2])
  })

  it.each([
    ['returns', () => {}],
    [
      'throw',
      () => {
        throw new Error('onError is broken')
      },
    ],
    ['reject', async () => Promise.reject(new Error('onError is broken'))],
  ])(
    'calls an onError that %s once per outage, with ERR_AUDIT_SINK and the cause',
    async (_case, onError) => {
      const stderr: string[] = []
      jest.spyOn(process.stderr, 'write').mockImplementation((text) => stderr.push(String(text)) > 0)
      const errors: AuditLogError[] = []
      const sink = new ControllableSink()
      const delivery: Delivery = new Delivery({
        sink: toLineSink(sink),
        maxBufferBytes: 1000,
        sinkTimeoutMs: TIMEOUT_MS,
        reporter: createReporter((error) => {
          errors.push(error)
          return onError()
        }),
        onRecovery: () => {},
      })
      sink.mode = 'throw'
      for (const seq of [1, 2, 3]) expect(delivery.send({ text: textOf(seq), seq })).toBe(false)
      sink.mode = 'accept'
      await afterRetry()
      expect(seqs(sink.lines)).toEqual([1, 2, 3])
      expect(errors).toHaveLength(1)
      expect(errors[0]).toMatchObject({ code: 'ERR_AUDIT_SINK', cause: { message: 'the sink is broken' } })
      expect(stderr.filter((text) => text.includes('failed to write a record'))).toHaveLength(1)
      expect(stderr.filter((text) => text.includes('onError is broken'))).toHaveLength(
        _case === 'returns' ? 0 : 1,
      )
    },
  )
})

// Random scripts: a sink that fails at any time, with any number of lines in between.
describe('any sequence of writes and failures', () => {
  type Step =
    | { kind: 'send'; count: number; bytes: number }
    | { kind: 'mode'; mode: SinkMode }
    | { kind: 'wait'; ms: number }
  const steps = (moods: readonly SinkMode[]) =>
    fc.array(
      fc.oneof<fc.Arbitrary<Step>[]>(
        fc.record({
          kind: fc.constant('send' as const),
          count: fc.integer({ min: 1, max: 8 }),
          bytes: fc.integer({ min: LINE_BYTES, max: 3 * LINE_BYTES }),
        }),
        fc.record({ kind: fc.constant('mode' as const), mode: fc.constantFrom(...moods) }),
        fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 50, 150, 1500) }),
      ),
      { maxLength: 30 },
    )

  it('writes each line exactly once and in order, buffers it or counts it as lost (synchronous sink)', async () => {
    await fc.assert(
      fc.asyncProperty(steps(['accept', 'throw']), fc.integer({ min: 0, max: 12 }), async (script, room) => {
        const { sink, sendMany, counts, losses, sent } = createDelivery({ room })
        const check = () => {
          const { written, waiting, lost } = counts()
          expect(written).toBe(sink.lines.length)
          expect(written + waiting + lost).toBe(sent())
          const accepted = seqs(sink.lines)
          expect(accepted).toEqual([...new Set(accepted)].sort((a, b) => a - b))
        }
        for (const step of script) {
          if (step.kind === 'send') sendMany(step.count, step.bytes)
          else if (step.kind === 'mode') sink.mode = step.mode
          else await jest.advanceTimersByTimeAsync(step.ms)
          check()
        }
        sink.mode = 'accept'
        await afterRetry()
        check()
        expect(counts().waiting).toBe(0)
        const missing = oneTo(sent()).filter((seq) => !seqs(sink.lines).includes(seq))
        const explained = losses.flatMap(({ count, fromSeq, toSeq }) => {
          expect(toSeq - fromSeq + 1).toBe(count)
          return oneTo(count).map((offset) => fromSeq + offset - 1)
        })
        expect(explained).toEqual(missing)
      }),
      { numRuns: repetitions(100, 300) },
    )
  })

  it('writes each line once, buffers it or counts it as lost (asynchronous sink, or one that never answers)', async () => {
    const moods: SinkMode[] = ['accept', 'throw', 'reject', 'hold', 'hang']
    const answers = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(
        steps(moods),
        answers,
        fc.integer({ min: 0, max: 12 }),
        async (script, isAccepted, room) => {
          const { sink, sendMany, send, counts, losses, sent, isUp, flush } = createDelivery({ room })
          let answered = 0
          const answerAll = async () => {
            for (const held of [...sink.pending]) {
              answered += 1
              if (isAccepted[answered % isAccepted.length]) held.accept()
              else held.reject()
              await jest.advanceTimersByTimeAsync(0)
            }
          }
          const check = () => {
            const { written, waiting, lost } = counts()
            expect(written + waiting + lost).toBe(sent())
            expect(written).toBeLessThanOrEqual(sink.lines.length)
            expect(new Set(sink.lines).size).toBe(sink.lines.length)
            expect(waiting).toBeLessThanOrEqual(2 * Math.max(room, 1))
          }
          for (const step of script) {
            if (step.kind === 'send') sendMany(step.count, step.bytes)
            else if (step.kind === 'mode') sink.mode = step.mode
            else {
              await jest.advanceTimersByTimeAsync(step.ms)
              await answerAll()
            }
            check()
          }
          await answerAll()
          sink.mode = 'accept'
          await afterTimeout()
          send()
          await afterTimeout()
          await flush()
          check()
          expect(isUp()).toBe(true)
          expect(counts().waiting).toBe(0)
          expect(losses.reduce((sum, { count }) => sum + count, 0)).toBe(counts().lost)
          for (const { fromSeq, toSeq } of losses) expect(fromSeq).toBeLessThanOrEqual(toSeq)
        },
      ),
      { numRuns: repetitions(100, 300) },
    )
  })
})
