import { describe, expect, it } from '@jest/globals'
import { BoundedCache, detachString } from '#src/lib/bounded-cache.js'
import { collectGarbage } from '../helpers/v8.js'

describe('Remembered', () => {
  it('forgets all when it is full, and not when it is told what it knows anew', () => {
    const remembered = new BoundedCache<number>(3)
    for (const [index, key] of ['a', 'b', 'c'].entries()) remembered.set(key, index)
    remembered.set('b', 9)
    expect(['a', 'b', 'c'].map((key) => remembered.get(key))).toEqual([0, 9, 2])
    remembered.set('d', 3)
    expect(['a', 'b', 'c', 'd'].map((key) => remembered.get(key))).toEqual([
      undefined,
      undefined,
      undefined,
      3,
    ])
  })

  it('keeps nothing of a long text', () => {
    const remembered = new BoundedCache<number>(3)
    remembered.set('x'.repeat(1024), 1)
    remembered.set('x'.repeat(1025), 2)
    expect(remembered.get('x'.repeat(1024))).toBe(1)
    expect(remembered.get('x'.repeat(1025))).toBeUndefined()
  })

  it('keeps nothing of the text that a key was cut from', () => {
    const remembered = new BoundedCache<string>(100)
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    for (let index = 0; index < 100; index++) {
      const block = `Date: Tue, 24 Nov 2026 12:00:${index}\r\n${'secret '.repeat(100_000)}`
      const line = block.slice(0, block.indexOf('\r'))
      remembered.set(line, detachString(line.slice(6)))
    }
    collectGarbage()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000)
    expect(remembered.get('Date: Tue, 24 Nov 2026 12:00:42')).toBe('Tue, 24 Nov 2026 12:00:42')
  })

  it.each(['', 'abc', 'naïve', '日本', '\ud800', 'a\u0000b'])('copies %j as it is', (text) => {
    expect(detachString(text)).toBe(text)
  })
})
