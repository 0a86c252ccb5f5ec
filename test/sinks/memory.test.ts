import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { memory } from '#src/sinks/memory.js'

describe('memory()', () => {
  it('has nothing at first', () => {
    const sink = memory()
    expect(sink.lines).toEqual([])
    expect(sink.records()).toEqual([])
  })

  it('keeps the lines as they would have left, in order', () => {
    const sink = memory()
    void sink.write('{"a":1}\n')
    void sink.write('{"b":2}\n')
    expect(sink.lines).toEqual(['{"a":1}\n', '{"b":2}\n'])
  })

  it('shows the lines parsed', () => {
    const sink = memory()
    void sink.write('{"a":1}\n')
    void sink.write('{"b":[null]}\n')
    expect(sink.records()).toEqual([{ a: 1 }, { b: [null] }])
    expect(sink.records<{ a?: number }>()[0]?.a).toBe(1)
  })

  it('parses anew each time, so that what a test does to a record stays there', () => {
    const sink = memory()
    void sink.write('{"a":1}\n')
    sink.records()[0].a = 2
    expect(sink.records()).toEqual([{ a: 1 }])
  })

  it('shows the newest record, and nothing where there is none', () => {
    const sink = memory()
    expect(sink.last()).toBeUndefined()
    void sink.write('{"a":1}\n')
    void sink.write('{"a":2}\n')
    expect(sink.last()).toEqual({ a: 2 })
    expect(sink.last<{ a: number }>()?.a).toBe(2)
    sink.lines.length = 0
    expect(sink.last()).toBeUndefined()
  })

  it('can be emptied between tests', () => {
    const sink = memory()
    void sink.write('{"a":1}\n')
    sink.lines.length = 0
    void sink.write('{"b":2}\n')
    expect(sink.records()).toEqual([{ b: 2 }])
  })

  it('shares nothing with another', () => {
    const [one, other] = [memory(), memory()]
    void one.write('{"a":1}\n')
    expect(other.lines).toEqual([])
  })

  it('is a sink of AuditLogger', () => {
    const sink = memory()
    new AuditLogger({ sink }).info('List Person').sendLog()
    expect(sink.records()).toMatchObject([{ audit: { message: 'List Person' } }])
  })
})

describe('waitFor', () => {
  it('gives what is there already', async () => {
    const sink = memory()
    void sink.write('{"a":1}\n')
    void sink.write('{"b":2}\n')
    await expect(sink.waitFor(1)).resolves.toEqual([{ a: 1 }, { b: 2 }])
    await expect(sink.waitFor(2)).resolves.toHaveLength(2)
    await expect(sink.waitFor(0)).resolves.toHaveLength(2)
  })

  it('waits until there are enough', async () => {
    const sink = memory()
    const records = sink.waitFor(3)
    for (const seq of [1, 2, 3]) {
      await new Promise(setImmediate)
      void sink.write(`{"seq":${seq}}\n`)
    }
    await expect(records).resolves.toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }])
  })

  it('waits until there are enough also where they come at once', async () => {
    const sink = memory()
    const records = sink.waitFor(3)
    for (const seq of [1, 2, 3]) void sink.write(`{"seq":${seq}}\n`)
    await expect(records).resolves.toHaveLength(3)
  })

  it('serves more than one who wait', async () => {
    const sink = memory()
    const waiting = Promise.all([sink.waitFor(1), sink.waitFor(2)])
    void sink.write('{"seq":1}\n')
    await new Promise(setImmediate)
    void sink.write('{"seq":2}\n')
    const [first, second] = await waiting
    expect(first.length).toBeGreaterThanOrEqual(1)
    expect(second).toHaveLength(2)
  })

  it('says how many there were when the time is up', async () => {
    const sink = memory()
    void sink.write('{"seq":1}\n')
    await expect(sink.waitFor(2, 20)).rejects.toThrow('Expected 2 audit records within 20 ms, got 1')
  })

  it('says how many there were also where some came while it waited', async () => {
    const sink = memory()
    const records = sink.waitFor(3, 50)
    void sink.write('{"seq":1}\n')
    void sink.write('{"seq":2}\n')
    await expect(records).rejects.toThrow('Expected 3 audit records within 50 ms, got 2')
  })

  it('can be asked again after the time was up', async () => {
    const sink = memory()
    await expect(sink.waitFor(1, 10)).rejects.toThrow('got 0')
    const records = sink.waitFor(1)
    void sink.write('{"seq":1}\n')
    await expect(records).resolves.toEqual([{ seq: 1 }])
  })
})
