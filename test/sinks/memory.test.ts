import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditRecord, LossRecord } from '#src/record/record.js'
import { memory } from '#src/sinks/memory.js'

describe('memory()', () => {
  it('is empty at first', () => {
    const sink = memory()
    expect(sink.lines).toEqual([])
    expect(sink.records()).toEqual([])
  })

  it('stores the lines as they were written, in order', () => {
    const sink = memory()
    void sink.write('{"a":1}\n')
    void sink.write('{"b":2}\n')
    expect(sink.lines).toEqual(['{"a":1}\n', '{"b":2}\n'])
  })

  it('returns the lines parsed', () => {
    const sink = memory()
    void sink.write('{"a":1}\n')
    void sink.write('{"b":[null]}\n')
    expect(sink.records()).toEqual([{ a: 1 }, { b: [null] }])
    expect(sink.records<{ a?: number }>()[0]?.a).toBe(1)
  })

  it('parses the lines on each call, so that a change to a record affects no other call', () => {
    const sink = memory()
    void sink.write('{"a":1}\n')
    sink.records()[0].a = 2
    expect(sink.records()).toEqual([{ a: 1 }])
  })

  it('returns the newest record, and undefined if there is none', () => {
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

  it('shares nothing with another memory sink', () => {
    const [one, other] = [memory(), memory()]
    void one.write('{"a":1}\n')
    expect(other.lines).toEqual([])
  })

  it('works as the sink of an AuditLogger', () => {
    const sink = memory()
    new AuditLogger({ sink }).info('List Person').sendLog()
    expect(sink.records()).toMatchObject([{ audit: { message: 'List Person' } }])
  })
})

describe('waitFor()', () => {
  it('returns the records that are there already', async () => {
    const sink = memory()
    void sink.write('{"a":1}\n')
    void sink.write('{"b":2}\n')
    await expect(sink.waitFor(1)).resolves.toEqual([{ a: 1 }, { b: 2 }])
    await expect(sink.waitFor(2)).resolves.toHaveLength(2)
    await expect(sink.waitFor(0)).resolves.toHaveLength(2)
  })

  it.each<[string, (record: AuditRecord) => boolean]>([
    ['at once', () => JSON.parse('') === ''],
    ['for a later record', ({ lost }) => (lost as LossRecord).count > 0],
  ])('is rejected with what a match throws %s, and the sink works on', async (when, match) => {
    const sink = memory()
    const logger = () => new AuditLogger({ sink, onError: (error) => void errors.push(error) })
    const errors: Error[] = []
    if (when === 'at once') logger().sendLog()
    const failure = expect(sink.waitFor(match)).rejects.toThrow(/JSON|count/)
    logger().sendLog()
    await failure
    logger().sendLog()
    expect(errors).toEqual([])
    expect(sink.lines).toHaveLength(when === 'at once' ? 3 : 2)
  })

  it('waits until there are enough records', async () => {
    const sink = memory()
    const records = sink.waitFor(3)
    for (const seq of [1, 2, 3]) {
      await new Promise(setImmediate)
      void sink.write(`{"seq":${seq}}\n`)
    }
    await expect(records).resolves.toEqual([{ seq: 1 }, { seq: 2 }, { seq: 3 }])
  })

  it('waits until there are enough records when several come at once', async () => {
    const sink = memory()
    const records = sink.waitFor(3)
    for (const seq of [1, 2, 3]) void sink.write(`{"seq":${seq}}\n`)
    await expect(records).resolves.toHaveLength(3)
  })

  it('serves several waiting callers', async () => {
    const sink = memory()
    const waiting = Promise.all([sink.waitFor(1), sink.waitFor(2)])
    void sink.write('{"seq":1}\n')
    await new Promise(setImmediate)
    void sink.write('{"seq":2}\n')
    const [first, second] = await waiting
    expect(first.length).toBeGreaterThanOrEqual(1)
    expect(second).toHaveLength(2)
  })

  it('reports the number of records after the timeout', async () => {
    const sink = memory()
    void sink.write('{"seq":1}\n')
    await expect(sink.waitFor(2, 20)).rejects.toThrow('Expected 2 audit records within 20 ms, got 1')
  })

  it('reports the number of records after the timeout, including those that came while it waited', async () => {
    const sink = memory()
    const records = sink.waitFor(3, 50)
    void sink.write('{"seq":1}\n')
    void sink.write('{"seq":2}\n')
    await expect(records).rejects.toThrow('Expected 3 audit records within 50 ms, got 2')
  })

  it('can be called again after a timeout', async () => {
    const sink = memory()
    await expect(sink.waitFor(1, 10)).rejects.toThrow('got 0')
    const records = sink.waitFor(1)
    void sink.write('{"seq":1}\n')
    await expect(records).resolves.toEqual([{ seq: 1 }])
  })
})
