import { describe, expect, it } from '@jest/globals'
import { BoundedCache, detachString } from '#src/lib/bounded-cache.js'
import { collectGarbage } from '../helpers/v8.js'

describe('BoundedCache', () => {
  it('is cleared when a new key exceeds its size, but not when a known key is set again', () => {
    const cache = new BoundedCache<number>(3)
    for (const [index, key] of ['a', 'b', 'c'].entries()) cache.set(key, index)
    cache.set('b', 9)
    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([0, 9, 2])
    cache.set('d', 3)
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([undefined, undefined, undefined, 3])
  })

  it('does not store long keys', () => {
    const cache = new BoundedCache<number>(3)
    cache.set('x'.repeat(1024), 1)
    cache.set('x'.repeat(1025), 2)
    expect(cache.get('x'.repeat(1024))).toBe(1)
    expect(cache.get('x'.repeat(1025))).toBeUndefined()
  })

  it('does not keep the string in memory that a key was sliced from', () => {
    const cache = new BoundedCache<string>(100)
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    for (let index = 0; index < 100; index++) {
      const block = `Date: Tue, 24 Nov 2026 12:00:${index}\r\n${'secret '.repeat(100_000)}`
      const line = block.slice(0, block.indexOf('\r'))
      cache.set(line, detachString(line.slice(6)))
    }
    collectGarbage()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000)
    expect(cache.get('Date: Tue, 24 Nov 2026 12:00:42')).toBe('Tue, 24 Nov 2026 12:00:42')
  })

  it.each(['', 'abc', 'naïve', '日本', '\ud800', 'a\u0000b'])('detachString copies %j unchanged', (text) => {
    expect(detachString(text)).toBe(text)
  })
})
