import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { Outage, RETRY_MS } from '#src/pipeline/outage.js'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

function createOutage() {
  const onRetry = jest.fn<() => void>()
  const outage = new Outage(onRetry)
  return { outage, onRetry }
}

describe('states', () => {
  it('begins up, without an outage', () => {
    const { outage } = createOutage()
    expect([outage.state, outage.isActive]).toEqual(['up', false])
  })

  it('goes down with the first failed write, and reports only that one as the beginning', () => {
    const { outage } = createOutage()
    expect([outage.fail(), outage.fail()]).toEqual([true, false])
    expect([outage.state, outage.isActive]).toEqual(['down', true])
  })

  it('recovers when a synchronous sink accepts a buffered line', () => {
    const { outage } = createOutage()
    outage.fail()
    outage.acceptRetry()
    expect([outage.state, outage.isActive]).toEqual(['recovering', true])
  })

  it.each([
    [true, 'recovering'],
    [false, 'down'],
  ])('goes from probing, when the probe is accepted: %p, to %s', (isAccepted, state) => {
    const { outage } = createOutage()
    outage.fail()
    outage.beginProbe()
    expect(outage.state).toBe('probing')
    outage.endProbe(isAccepted)
    expect(outage.state).toBe(state)
  })

  it('stays probing when another write fails, since the probe decides', () => {
    const { outage } = createOutage()
    outage.fail()
    outage.beginProbe()
    expect(outage.fail()).toBe(false)
    expect(outage.state).toBe('probing')
  })

  it('goes down again when a write fails while it recovers', () => {
    const { outage } = createOutage()
    outage.fail()
    outage.acceptRetry()
    expect(outage.fail()).toBe(false)
    expect(outage.state).toBe('down')
  })
})

describe('retry', () => {
  it('is possible at once, and due 100 ms after the failure', () => {
    const { outage } = createOutage()
    outage.fail()
    expect([outage.isRetryDue, outage.canRetry]).toEqual([false, true])
    jest.advanceTimersByTime(RETRY_MS)
    expect(outage.isRetryDue).toBe(true)
  })

  it('is put off by 100 ms with each attempt', () => {
    const { outage } = createOutage()
    outage.fail()
    jest.advanceTimersByTime(RETRY_MS)
    outage.delayRetry()
    expect(outage.isRetryDue).toBe(false)
    jest.advanceTimersByTime(RETRY_MS)
    expect(outage.isRetryDue).toBe(true)
  })

  it('is impossible without an outage, and while a probe is not answered', () => {
    const { outage } = createOutage()
    expect(outage.canRetry).toBe(false)
    outage.fail()
    outage.beginProbe()
    expect(outage.canRetry).toBe(false)
  })

  it('is called for every 100 ms during an outage, and no longer', () => {
    const { outage, onRetry } = createOutage()
    jest.advanceTimersByTime(10 * RETRY_MS)
    expect(onRetry).not.toHaveBeenCalled()
    outage.fail()
    jest.advanceTimersByTime(3 * RETRY_MS)
    expect(onRetry).toHaveBeenCalledTimes(3)
    outage.end()
    jest.advanceTimersByTime(10 * RETRY_MS)
    expect(onRetry).toHaveBeenCalledTimes(3)
    expect(jest.getTimerCount()).toBe(0)
  })
})

describe('recovery', () => {
  it('is reached when a buffered line was accepted', () => {
    const { outage } = createOutage()
    outage.fail()
    expect(outage.hasRecovered(false)).toBe(false)
    outage.acceptRetry()
    expect(outage.hasRecovered(true)).toBe(true)
  })

  it('is reached by a late answer only when no other write is overdue', () => {
    const { outage } = createOutage()
    outage.fail()
    outage.countWritten()
    expect([outage.hasRecovered(true), outage.hasRecovered(false)]).toEqual([false, true])
  })

  it('does not count what was written before the outage', () => {
    const { outage } = createOutage()
    outage.countWritten()
    outage.fail()
    expect(outage.hasRecovered(false)).toBe(false)
  })
})

describe('summary', () => {
  it('has the duration, the written lines and no loss where there was none', () => {
    const { outage } = createOutage()
    outage.fail()
    jest.advanceTimersByTime(250)
    outage.countWritten()
    expect(outage.end()).toEqual({ durationMs: 250, written: 1, loss: undefined })
    expect(outage.state).toBe('up')
  })

  it('has the number of lost lines and their range, whatever order they were lost in', () => {
    const { outage } = createOutage()
    outage.fail()
    for (const seq of [7, 5, 9]) outage.countLost(seq)
    expect(outage.lostCount).toBe(3)
    expect(outage.end().loss).toEqual({ count: 3, fromSeq: 5, toSeq: 9 })
  })

  it('starts from zero with the next outage', () => {
    const { outage } = createOutage()
    outage.fail()
    outage.countWritten()
    outage.countLost(1)
    outage.end()
    expect(outage.lostCount).toBe(0)
    outage.fail()
    expect(outage.end()).toEqual({ durationMs: 0, written: 0, loss: undefined })
  })
})
