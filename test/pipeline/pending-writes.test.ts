import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Line } from '#src/pipeline/line-queue.js'
import { PendingWrites, type TimeoutAction } from '#src/pipeline/pending-writes.js'

const TIMEOUT_MS = 1000
const LINE_BYTES = 10
const line = (seq: number): Line => ({ text: 'x'.repeat(LINE_BYTES), seq })
const afterTimeout = () => jest.advanceTimersByTimeAsync(TIMEOUT_MS)

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

/** Pending writes with room for three lines, and what they report. */
function createPending() {
  const events: unknown[] = []
  const pending = new PendingWrites({
    maxBytes: 3 * LINE_BYTES,
    timeoutMs: TIMEOUT_MS,
    onAccept: (wasOverdue) => void events.push(['accepted', wasOverdue]),
    onReject: ({ seq }, error, wasOverdue) =>
      void events.push(['rejected', seq, (error as Error).message, wasOverdue]),
    onTimeout: ({ seq }) => void events.push(['timeout', seq]),
  })
  /** Adds a line whose write the test settles. */
  const add = (added: Line, timeoutAction: TimeoutAction = 'keep') => {
    let resolve = () => {}
    let reject = (_error: Error) => {}
    const write = new Promise<void>((onResolve, onReject) => {
      resolve = onResolve
      reject = onReject
    })
    return { acceptance: pending.add(added, write, timeoutAction), resolve, reject }
  }
  return { pending, events, add }
}

describe('a write', () => {
  it('is pending until the sink accepts it', async () => {
    const { pending, events, add } = createPending()
    const first = line(1)
    const { acceptance, resolve } = add(first)
    expect([pending.has(first), pending.size, pending.bytes]).toEqual([true, 1, LINE_BYTES])
    resolve()
    expect(await acceptance).toBe(true)
    expect([pending.has(first), pending.size, pending.bytes]).toEqual([false, 0, 0])
    expect(events).toEqual([['accepted', false]])
  })

  it('is no longer pending once the sink rejects it', async () => {
    const { pending, events, add } = createPending()
    const { acceptance, reject } = add(line(1))
    reject(new Error('disk full'))
    expect(await acceptance).toBe(false)
    expect([pending.size, pending.bytes]).toEqual([0, 0])
    expect(events).toEqual([['rejected', 1, 'disk full', false]])
  })

  it('does not time out after it was accepted', async () => {
    const { events, add } = createPending()
    const { acceptance, resolve } = add(line(1))
    resolve()
    await acceptance
    await afterTimeout()
    expect(events).toEqual([['accepted', false]])
  })
})

describe('a write that times out', () => {
  it('is not accepted, and stays pending as overdue', async () => {
    const { pending, events, add } = createPending()
    const { acceptance } = add(line(1))
    await afterTimeout()
    expect(await acceptance).toBe(false)
    expect([pending.size, pending.hasOverdue]).toEqual([1, true])
    expect(events).toEqual([['timeout', 1]])
  })

  it('can be accepted late', async () => {
    const { pending, events, add } = createPending()
    const { resolve } = add(line(1))
    await afterTimeout()
    resolve()
    await jest.advanceTimersByTimeAsync(0)
    expect(events).toEqual([
      ['timeout', 1],
      ['accepted', true],
    ])
    expect([pending.size, pending.hasOverdue]).toEqual([0, false])
  })

  it('can be rejected late', async () => {
    const { pending, events, add } = createPending()
    const { reject } = add(line(1))
    await afterTimeout()
    reject(new Error('closed'))
    await jest.advanceTimersByTimeAsync(0)
    expect(events.at(-1)).toEqual(['rejected', 1, 'closed', true])
    expect([pending.size, pending.hasOverdue]).toEqual([0, false])
  })

  it('is forgotten when the caller disposes of the line, and a late answer changes nothing', async () => {
    const { pending, events, add } = createPending()
    const { resolve } = add(line(1), 'forget')
    await afterTimeout()
    expect([pending.size, pending.bytes, pending.hasOverdue]).toEqual([0, 0, false])
    resolve()
    await jest.advanceTimersByTimeAsync(0)
    expect(events).toEqual([['timeout', 1]])
  })

  it('is taken oldest first, and a late answer to it changes nothing', async () => {
    const { pending, events, add } = createPending()
    const { resolve } = add(line(1))
    await jest.advanceTimersByTimeAsync(1)
    add(line(2))
    await afterTimeout()
    expect(pending.takeOldestOverdue()?.seq).toBe(1)
    expect([pending.size, pending.bytes, pending.hasOverdue]).toEqual([1, LINE_BYTES, true])
    resolve()
    await jest.advanceTimersByTimeAsync(0)
    expect(events).toEqual([
      ['timeout', 1],
      ['timeout', 2],
    ])
    expect(pending.takeOldestOverdue()?.seq).toBe(2)
    expect(pending.takeOldestOverdue()).toBeUndefined()
  })
})

describe('bound', () => {
  it('has room up to the limit of bytes', () => {
    const { pending, add } = createPending()
    for (const seq of [1, 2]) add(line(seq))
    expect(pending.hasRoomFor(line(3))).toBe(true)
    add(line(3))
    expect(pending.hasRoomFor(line(4))).toBe(false)
  })

  it('has room for one line of any size when nothing is pending', () => {
    const { pending } = createPending()
    expect(pending.hasRoomFor({ text: 'x'.repeat(1000), seq: 1 })).toBe(true)
  })
})

describe('waitUntilSettled()', () => {
  it('waits for each write that is pending now, and for no later one', async () => {
    const { pending, add } = createPending()
    const [first, second] = [add(line(1)), add(line(2))]
    let isSettled = false
    const settled = pending.waitUntilSettled().then(() => {
      isSettled = true
    })
    add(line(3))
    first.resolve()
    await jest.advanceTimersByTimeAsync(0)
    expect(isSettled).toBe(false)
    second.reject(new Error('disk full'))
    await settled
  })

  it('waits no longer than the timeout', async () => {
    const { pending, add } = createPending()
    add(line(1))
    const settled = pending.waitUntilSettled()
    await afterTimeout()
    await settled
  })
})
