import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import fs from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import type { AuditLogError } from '#src/lib/errors.js'
import { createReporter } from '#src/lib/reporter.js'
import { Delivery } from '#src/pipeline/delivery.js'
import type { Loss } from '#src/pipeline/outage.js'
import { type Mood, ScriptedSink } from '../helpers/scripted-sink.js'

/** Longer than a sink that is down is left alone before it is tried again. */
const A_RETRY_MS = 200
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

/** A delivery whose lines are numbered from 1, with room for some of them while the sink is down. */
function deliver({ room = 1000 } = {}) {
  const sink = new ScriptedSink()
  const losses: Loss[] = []
  const told: string[] = []
  const delivery = new Delivery({
    sink,
    maxBufferBytes: room * LINE_BYTES,
    sinkTimeoutMs: TIMEOUT_MS,
    reporter: {
      report: (code, message) => void told.push(`${code} ${message}`),
      reportOnce: () => {},
      notify: (message) => void told.push(message),
    },
    onLoss: (loss) => void losses.push({ ...loss }),
  })
  let seq = 0
  const next = (bytes?: number) => {
    seq += 1
    return { text: textOf(seq, bytes), seq }
  }
  return {
    sink,
    losses,
    told,
    isUp: () => delivery.isUp(),
    flush: () => delivery.flush(),
    counts: () => delivery.counts(),
    sent: () => seq,
    // `unknown`, because most tests look at what became of a line, and not at its acceptance.
    send: (bytes?: number): unknown => delivery.send(next(bytes)),
    sendMany: (count: number, bytes?: number): unknown[] =>
      oneTo(count).map((): unknown => delivery.send(next(bytes))),
    trySend: (): unknown => delivery.trySend(next()),
  }
}

const aRetry = () => jest.advanceTimersByTimeAsync(A_RETRY_MS)
const aTimeout = () => jest.advanceTimersByTimeAsync(TIMEOUT_MS + A_RETRY_MS)

describe('a sink that answers at once', () => {
  it('gets the lines in their order, and each is accepted', () => {
    const { sink, sendMany, counts } = deliver()
    expect(sendMany(3)).toEqual([true, true, true])
    expect(seqs(sink.accepted)).toEqual([1, 2, 3])
    expect(counts()).toEqual({ written: 3, waiting: 0, lost: 0 })
  })

  it('gets what waited in the order of seq, before anything newer, when it is back', async () => {
    const { sink, sendMany, send, counts, losses } = deliver()
    sink.mood = 'throws'
    expect(sendMany(3)).toEqual([false, false, false])
    expect(counts()).toEqual({ written: 0, waiting: 3, lost: 0 })
    sink.mood = 'takes'
    await jest.advanceTimersByTimeAsync(99)
    expect(sink.accepted).toEqual([])
    send()
    await aRetry()
    expect(send()).toBe(true)
    expect(seqs(sink.accepted)).toEqual([1, 2, 3, 4, 5])
    expect(losses).toEqual([])
  })

  it('is not tried for every line while it is down', () => {
    const { sink, sendMany } = deliver()
    sink.mood = 'throws'
    sendMany(500)
    expect(sink.attempts).toBeLessThanOrEqual(2)
  })

  it('is tried again although no line comes any more', async () => {
    const { sink, send } = deliver()
    sink.mood = 'throws'
    send()
    await aRetry()
    sink.mood = 'takes'
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1])
  })

  it('is told of as down once, and as back once, however many lines there were', async () => {
    const { sink, sendMany, told } = deliver({ room: 2 })
    sink.mood = 'throws'
    sendMany(5)
    await aRetry()
    sendMany(5)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/^ERR_AUDIT_SINK .*failed to write a record/)
    sink.mood = 'takes'
    await aRetry()
    sendMany(5)
    expect(told).toHaveLength(2)
    expect(told[1]).toMatch(/recovered after \d+ ms: 2 buffered records written, 8 lost/)
  })

  it('loses one stretch: what comes once a line did not fit is lost as well', async () => {
    const { sink, sendMany, counts, losses } = deliver({ room: 3 })
    sink.mood = 'throws'
    sendMany(7)
    expect(counts()).toEqual({ written: 0, waiting: 3, lost: 4 })
    sink.mood = 'takes'
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1, 2, 3])
    expect(losses).toEqual([{ count: 4, fromSeq: 4, toSeq: 7 }])
    expect(counts()).toEqual({ written: 3, waiting: 0, lost: 4 })
  })

  it('loses also a short line that would fit once a longer one did not', async () => {
    const { sink, send, losses } = deliver({ room: 3 })
    sink.mood = 'throws'
    send()
    send(5 * LINE_BYTES)
    send()
    sink.mood = 'takes'
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1])
    expect(losses).toEqual([{ count: 2, fromSeq: 2, toSeq: 3 }])
  })

  it('tells of the losses of one outage only once', async () => {
    const { sink, sendMany, losses } = deliver({ room: 1 })
    for (const _outage of [1, 2]) {
      sink.mood = 'throws'
      sendMany(3)
      sink.mood = 'takes'
      await aRetry()
    }
    expect(losses).toEqual([
      { count: 2, fromSeq: 2, toSeq: 3 },
      { count: 2, fromSeq: 5, toSeq: 6 },
    ])
  })

  it('does not count as back while it has not taken a line, even if no line may wait', async () => {
    const { sink, sendMany, told, isUp, counts, losses } = deliver({ room: 0 })
    sink.mood = 'throws'
    sendMany(3)
    for (let i = 0; i < 10; i++) {
      await aRetry()
      expect(isUp()).toBe(false)
    }
    expect(told).toHaveLength(1)
    sink.mood = 'takes'
    await aRetry()
    expect(isUp()).toBe(true)
    expect(counts().written + counts().lost).toBe(3)
    expect(losses).toEqual([{ count: 2, fromSeq: 2, toSeq: 3 }])
  })

  it('goes on where it stopped when it breaks again in the middle of what waited', async () => {
    const { sink, sendMany, counts } = deliver()
    sink.mood = 'throws'
    sendMany(4)
    const write = sink.write.bind(sink)
    let left = 2
    sink.mood = 'takes'
    sink.write = (text) => {
      if (left-- <= 0) throw new Error('broken again')
      return write(text)
    }
    await aRetry()
    expect(counts()).toEqual({ written: 2, waiting: 2, lost: 0 })
    sink.write = write
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1, 2, 3, 4])
  })
})

describe('a sink that answers later', () => {
  it('accepts a line when its promise is fulfilled, and not before', async () => {
    const { sink, send, counts } = deliver()
    sink.mood = 'late'
    const acceptance = send()
    expect(counts()).toEqual({ written: 0, waiting: 1, lost: 0 })
    sink.held[0]?.accept()
    expect(await acceptance).toBe(true)
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 0 })
  })

  it('gets refused lines again in the order of seq, whatever the order it refused them in', async () => {
    const { sink, sendMany } = deliver()
    sink.mood = 'late'
    sendMany(4)
    for (const index of [2, 0, 1, 0]) sink.held[index]?.reject()
    await jest.advanceTimersByTimeAsync(0)
    sink.mood = 'takes'
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1, 2, 3, 4])
  })

  it('is tried with one line at a time while it is down', async () => {
    const { sink, sendMany } = deliver()
    sink.mood = 'rejects'
    sendMany(1)
    await jest.advanceTimersByTimeAsync(0)
    sendMany(20)
    sink.mood = 'late'
    await aRetry()
    expect(sink.held).toHaveLength(1)
    sink.held[0]?.accept()
    await jest.advanceTimersByTimeAsync(0)
    expect(sink.held.map(({ text }) => Number(text))).toEqual([2])
  })

  it('does not cost the lines that wait when it refuses them again and again', async () => {
    const { sink, sendMany, counts, losses } = deliver({ room: 3 })
    sink.mood = 'rejects'
    sendMany(1)
    await jest.advanceTimersByTimeAsync(0)
    sendMany(5)
    for (let i = 0; i < 5; i++) await aRetry()
    expect(counts()).toEqual({ written: 0, waiting: 3, lost: 3 })
    sink.mood = 'takes'
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1, 2, 3])
    expect(losses).toEqual([{ count: 3, fromSeq: 4, toSeq: 6 }])
  })

  it('keeps a place for the line it is tried with', async () => {
    const { sink, sendMany, send, losses } = deliver({ room: 3 })
    sink.mood = 'rejects'
    sendMany(3)
    await jest.advanceTimersByTimeAsync(0)
    sink.mood = 'late'
    await aRetry()
    send()
    sink.held[0]?.reject()
    await jest.advanceTimersByTimeAsync(0)
    sink.mood = 'takes'
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1, 2, 3])
    expect(losses).toEqual([{ count: 1, fromSeq: 4, toSeq: 4 }])
  })

  it('tells a loss from its lowest to its highest seq when an older line comes back to a full memory', async () => {
    const { sink, send, sendMany, losses } = deliver({ room: 3 })
    sink.mood = 'late'
    sendMany(3)
    sink.held[2]?.reject()
    await jest.advanceTimersByTimeAsync(0)
    sendMany(3)
    expect(await send()).toBe(false)
    for (const { reject } of [...sink.held]) reject()
    await jest.advanceTimersByTimeAsync(0)
    sink.mood = 'takes'
    await aRetry()
    const [loss] = losses
    expect(losses).toHaveLength(1)
    const missing = oneTo(7).filter((seq) => !seqs(sink.accepted).includes(seq))
    expect(loss).toEqual({ count: missing.length, fromSeq: missing[0], toSeq: missing.at(-1) })
  })

  it('counts as down when it has been silent for too long', async () => {
    const { sink, send, told, isUp } = deliver()
    sink.mood = 'hangs'
    const acceptance = send()
    await aTimeout()
    expect(await acceptance).toBe(false)
    expect(told).toHaveLength(1)
    expect(isUp()).toBe(false)
  })

  it('stays down, and is told of once, for as long as it is silent', async () => {
    const { sink, send, told, isUp, counts } = deliver()
    sink.mood = 'hangs'
    for (let i = 0; i < 10; i++) {
      send()
      await aTimeout()
      expect(isUp()).toBe(false)
    }
    expect(told).toHaveLength(1)
    expect(counts()).toEqual({ written: 0, waiting: 10, lost: 0 })
  })

  it('is not given a line twice that it may still have', async () => {
    const { sink, send, counts } = deliver()
    sink.mood = 'late'
    send()
    await aTimeout()
    send()
    await aRetry()
    expect(sink.held.map(({ text }) => Number(text))).toEqual([1, 2])
    for (const { accept } of [...sink.held]) accept()
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1, 2])
    expect(counts()).toEqual({ written: 2, waiting: 0, lost: 0 })
  })

  it('counts a line that it accepts late as written, and is back', async () => {
    const { sink, send, told, counts, isUp, losses } = deliver()
    sink.mood = 'late'
    send()
    await aTimeout()
    await aTimeout()
    sink.held[0]?.accept()
    await aRetry()
    expect(isUp()).toBe(true)
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 0 })
    expect(losses).toEqual([])
    expect(told).toHaveLength(2)
  })

  it('gets a line again that it refuses late', async () => {
    const { sink, send, counts } = deliver()
    sink.mood = 'late'
    send()
    await aTimeout()
    sink.held[0]?.reject()
    sink.mood = 'takes'
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1])
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 0 })
  })

  it('has lost what it never answered for when it takes later lines', async () => {
    const { sink, send, counts, losses, isUp } = deliver()
    sink.mood = 'hangs'
    send()
    await aTimeout()
    sink.mood = 'takes'
    send()
    await aRetry()
    expect(isUp()).toBe(true)
    expect(losses).toEqual([{ count: 1, fromSeq: 1, toSeq: 1 }])
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 1 })
  })

  it('does not have a line counted twice that it answers for after it was counted as lost', async () => {
    const { sink, send, counts } = deliver()
    sink.mood = 'late'
    send()
    await aTimeout()
    sink.mood = 'takes'
    send()
    await aRetry()
    sink.held[0]?.accept()
    await aRetry()
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 1 })
  })

  it('holds no more than the bound of lines it does not answer for, and no more wait', () => {
    const { sink, sendMany, counts } = deliver({ room: 5 })
    sink.mood = 'hangs'
    sendMany(100)
    expect(sink.attempts).toBe(5)
    expect(counts()).toEqual({ written: 0, waiting: 10, lost: 90 })
  })

  it('can come back after it has kept all the lines that it may', async () => {
    const { sink, sendMany, send, isUp, counts } = deliver({ room: 5 })
    sink.mood = 'hangs'
    sendMany(5)
    await aTimeout()
    for (let i = 0; i < 8; i++) {
      send()
      await aTimeout()
    }
    sink.mood = 'takes'
    send()
    await aTimeout()
    expect(isUp()).toBe(true)
    const { written, waiting, lost } = counts()
    expect(waiting).toBe(0)
    expect(written + lost).toBe(14)
    expect(send()).toBe(true)
  })
})

describe('trySend()', () => {
  it('gives a line back that the sink does not accept: it is neither kept nor counted as lost', async () => {
    const { sink, trySend, counts } = deliver()
    sink.mood = 'throws'
    expect(trySend()).toBe(false)
    expect(counts()).toEqual({ written: 0, waiting: 0, lost: 0 })
    sink.mood = 'takes'
    await aRetry()
    expect(sink.accepted).toEqual([])
  })

  it('does not try a sink that is down', async () => {
    const { sink, send, trySend } = deliver()
    sink.mood = 'throws'
    send()
    const { attempts } = sink
    expect(trySend()).toBe(false)
    expect(sink.attempts).toBe(attempts)
  })

  it('gives a line back for good that the sink was silent on: what the sink says later changes nothing', async () => {
    const { sink, trySend, send, counts, losses } = deliver()
    sink.mood = 'late'
    const acceptance = trySend()
    await aTimeout()
    expect(await acceptance).toBe(false)
    sink.held[0]?.reject()
    sink.mood = 'takes'
    send()
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([2])
    expect(counts()).toEqual({ written: 1, waiting: 0, lost: 0 })
    expect(losses).toEqual([])
  })
})

describe('flush()', () => {
  it('waits until the sink has answered for all it was given', async () => {
    const { sink, sendMany, flush } = deliver()
    sink.mood = 'late'
    sendMany(2)
    let isFlushed = false
    const flushed = flush().then(() => {
      isFlushed = true
    })
    sink.held[1]?.accept()
    await jest.advanceTimersByTimeAsync(0)
    expect(isFlushed).toBe(false)
    sink.held[0]?.accept()
    await flushed
  })

  it('hands over what waits as soon as the sink is back, without waiting for the next try', async () => {
    const { sink, sendMany, flush } = deliver()
    sink.mood = 'throws'
    sendMany(3)
    sink.mood = 'takes'
    await flush()
    expect(seqs(sink.accepted)).toEqual([1, 2, 3])
  })

  it.each<Mood>(['throws', 'rejects', 'hangs'])('comes to an end when the sink %s', async (mood) => {
    const { sink, sendMany, flush, counts } = deliver()
    sink.mood = mood
    sendMany(2)
    const flushed = flush()
    await aTimeout()
    await aTimeout()
    await flushed
    await flush()
    expect(counts()).toEqual({ written: 0, waiting: 2, lost: 0 })
  })

  it('comes to an end after the sink was given up on and works again', async () => {
    const { sink, send, flush } = deliver()
    sink.mood = 'hangs'
    send()
    await aTimeout()
    sink.mood = 'takes'
    send()
    await aRetry()
    await flush()
    expect(seqs(sink.accepted)).toEqual([2])
  })
})

describe('who is told', () => {
  it('publishes each lost line and the recovery on diagnostics_channel', async () => {
    const messages: unknown[] = []
    const lost = (message: unknown) => void messages.push(['lost', message])
    const recovered = (message: unknown) => void messages.push(['recovered', message])
    subscribe('http-audit-log:lost', lost)
    subscribe('http-audit-log:recovered', recovered)
    try {
      const { sink, sendMany } = deliver({ room: 1 })
      sink.mood = 'throws'
      sendMany(3)
      sink.mood = 'takes'
      await aRetry()
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

  it('lets an onError send a record, which waits like any other', async () => {
    const sink = new ScriptedSink()
    const delivery: Delivery = new Delivery({
      sink,
      maxBufferBytes: 1000,
      sinkTimeoutMs: TIMEOUT_MS,
      reporter: {
        report: () => void delivery.send({ text: textOf(2), seq: 2 }),
        reportOnce: () => {},
        notify: () => {},
      },
      onLoss: () => {},
    })
    sink.mood = 'throws'
    expect(delivery.send({ text: textOf(1), seq: 1 })).toBe(false)
    sink.mood = 'takes'
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1, 2])
  })

  it.each([
    ['returns', () => {}],
    [
      'throws',
      () => {
        throw new Error('onError is broken')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('onError is broken'))],
  ])('calls an onError that %s with ERR_AUDIT_SINK and the cause, once an outage', async (_case, react) => {
    const said: string[] = []
    jest.spyOn(fs, 'writeSync').mockImplementation(((_descriptor: number, text: string) => {
      said.push(text)
      return text.length
    }) as typeof fs.writeSync)
    const errors: AuditLogError[] = []
    const sink = new ScriptedSink()
    const delivery: Delivery = new Delivery({
      sink,
      maxBufferBytes: 1000,
      sinkTimeoutMs: TIMEOUT_MS,
      reporter: createReporter((error) => {
        errors.push(error)
        return react()
      }),
      onLoss: () => {},
    })
    sink.mood = 'throws'
    for (const seq of [1, 2, 3]) expect(delivery.send({ text: textOf(seq), seq })).toBe(false)
    sink.mood = 'takes'
    await aRetry()
    expect(seqs(sink.accepted)).toEqual([1, 2, 3])
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code: 'ERR_AUDIT_SINK', cause: { message: 'the sink is broken' } })
    expect(said.filter((text) => text.includes('failed to write a record'))).toHaveLength(1)
    expect(said.filter((text) => text.includes('onError is broken'))).toHaveLength(
      _case === 'returns' ? 0 : 1,
    )
  })
})

// What a test written by hand forgets: a sink that fails at any time, and any number of lines in between.
describe('whatever the sink does', () => {
  type Step =
    | { kind: 'send'; count: number; bytes: number }
    | { kind: 'mood'; mood: Mood }
    | { kind: 'wait'; ms: number }
  const steps = (moods: readonly Mood[]) =>
    fc.array(
      fc.oneof<fc.Arbitrary<Step>[]>(
        fc.record({
          kind: fc.constant('send' as const),
          count: fc.integer({ min: 1, max: 8 }),
          bytes: fc.integer({ min: LINE_BYTES, max: 3 * LINE_BYTES }),
        }),
        fc.record({ kind: fc.constant('mood' as const), mood: fc.constantFrom(...moods) }),
        fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(0, 50, 150, 1500) }),
      ),
      { maxLength: 30 },
    )

  it('writes each line exactly once and in order, or keeps it, or counts it as lost (synchronous)', async () => {
    await fc.assert(
      fc.asyncProperty(steps(['takes', 'throws']), fc.integer({ min: 0, max: 12 }), async (script, room) => {
        const { sink, sendMany, counts, losses, sent } = deliver({ room })
        const check = () => {
          const { written, waiting, lost } = counts()
          expect(written).toBe(sink.accepted.length)
          expect(written + waiting + lost).toBe(sent())
          const accepted = seqs(sink.accepted)
          expect(accepted).toEqual([...new Set(accepted)].sort((a, b) => a - b))
        }
        for (const step of script) {
          if (step.kind === 'send') sendMany(step.count, step.bytes)
          else if (step.kind === 'mood') sink.mood = step.mood
          else await jest.advanceTimersByTimeAsync(step.ms)
          check()
        }
        sink.mood = 'takes'
        await aRetry()
        check()
        expect(counts().waiting).toBe(0)
        const missing = oneTo(sent()).filter((seq) => !seqs(sink.accepted).includes(seq))
        const explained = losses.flatMap(({ count, fromSeq, toSeq }) => {
          expect(toSeq - fromSeq + 1).toBe(count)
          return oneTo(count).map((offset) => fromSeq + offset - 1)
        })
        expect(explained).toEqual(missing)
      }),
      { numRuns: 300 },
    )
  })

  it('writes each line once, or keeps it, or counts it as lost (answering later, or never)', async () => {
    const moods: Mood[] = ['takes', 'throws', 'rejects', 'late', 'hangs']
    const answers = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(steps(moods), answers, fc.integer({ min: 0, max: 12 }), async (script, says, room) => {
        const { sink, sendMany, send, counts, losses, sent, isUp, flush } = deliver({ room })
        let asked = 0
        const answerAll = async () => {
          for (const held of [...sink.held]) {
            asked += 1
            if (says[asked % says.length]) held.accept()
            else held.reject()
            await jest.advanceTimersByTimeAsync(0)
          }
        }
        const check = () => {
          const { written, waiting, lost } = counts()
          expect(written + waiting + lost).toBe(sent())
          expect(written).toBeLessThanOrEqual(sink.accepted.length)
          expect(new Set(sink.accepted).size).toBe(sink.accepted.length)
          expect(waiting).toBeLessThanOrEqual(2 * Math.max(room, 1))
        }
        for (const step of script) {
          if (step.kind === 'send') sendMany(step.count, step.bytes)
          else if (step.kind === 'mood') sink.mood = step.mood
          else {
            await jest.advanceTimersByTimeAsync(step.ms)
            await answerAll()
          }
          check()
        }
        await answerAll()
        sink.mood = 'takes'
        await aTimeout()
        send()
        await aTimeout()
        await flush()
        check()
        expect(isUp()).toBe(true)
        expect(counts().waiting).toBe(0)
        expect(losses.reduce((sum, { count }) => sum + count, 0)).toBe(counts().lost)
        for (const { fromSeq, toSeq } of losses) expect(fromSeq).toBeLessThanOrEqual(toSeq)
      }),
      { numRuns: 300 },
    )
  })
})
