import { describe, expect, it } from '@jest/globals'
import { LineQueue } from '#src/pipeline/line-queue.js'

const LINE_BYTES = 10
const line = (seq: number, bytes = LINE_BYTES) => ({ text: 'x'.repeat(bytes), seq })

/** Removes all lines, and returns their `seq` in order. */
function drain(queue: LineQueue): number[] {
  const seqs: number[] = []
  for (let first = queue.first; first !== undefined; first = queue.first) {
    seqs.push(first.seq)
    queue.takeFirst()
    queue.release(first)
  }
  return seqs
}

const withRoomFor = (lines: number) => new LineQueue(lines * LINE_BYTES)

describe('order', () => {
  it('returns lines in the order of seq, whatever order they were added in', () => {
    const queue = withRoomFor(10)
    for (const seq of [2, 5, 1, 4, 3]) queue.add(line(seq))
    expect(queue.length).toBe(5)
    expect(drain(queue)).toEqual([1, 2, 3, 4, 5])
    expect(queue.length).toBe(0)
  })

  it('has no first line when it is empty', () => {
    expect(withRoomFor(1).first).toBeUndefined()
  })

  it('keeps the order over thousands of lines that are added and removed in turn', () => {
    const queue = withRoomFor(10_000)
    const removed: number[] = []
    for (let seq = 1; seq <= 5000; seq++) {
      queue.add(line(seq))
      if (seq % 2 === 0 && queue.first !== undefined) {
        removed.push(queue.first.seq)
        queue.takeFirst()
      }
    }
    expect(queue.length).toBe(2500)
    expect([...removed, ...drain(queue)]).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1))
  })

  it('puts a line that was taken back before the newer ones', () => {
    const queue = withRoomFor(3)
    for (const seq of [1, 2, 3]) queue.add(line(seq))
    const first = line(1)
    queue.takeFirst()
    queue.putBack(first)
    expect(drain(queue)).toEqual([1, 2, 3])
  })
})

describe('bound', () => {
  it('accepts lines up to the limit and refuses the next one', () => {
    const queue = withRoomFor(2)
    expect([1, 2, 3].map((seq) => queue.add(line(seq)))).toEqual([true, true, false])
    expect(queue.length).toBe(2)
  })

  it('counts bytes, not characters', () => {
    const queue = new LineQueue(5)
    expect(queue.add({ text: 'éé', seq: 1 })).toBe(true)
    expect(queue.add({ text: 'é', seq: 2 })).toBe(false)
  })

  it('accepts one line of any size when it is empty', () => {
    const queue = new LineQueue(0)
    expect(queue.add(line(1, 500))).toBe(true)
    expect(queue.add(line(2, 1))).toBe(false)
  })

  it('refuses a short line that would fit once a longer one was refused, so that the loss is one range', () => {
    const queue = withRoomFor(3)
    queue.add(line(1))
    expect(queue.add(line(2, 5 * LINE_BYTES))).toBe(false)
    expect(queue.add(line(3))).toBe(false)
  })

  it('still accepts an older line after a newer one was refused', () => {
    const queue = withRoomFor(2)
    queue.add(line(3))
    expect(queue.add(line(5, 5 * LINE_BYTES))).toBe(false)
    expect(queue.add(line(2))).toBe(true)
  })

  it('accepts lines again after it was emptied', () => {
    const queue = withRoomFor(1)
    queue.add(line(1))
    expect(queue.add(line(2))).toBe(false)
    drain(queue)
    expect(queue.add(line(3))).toBe(true)
  })

  it('reserves the space of a line that was taken until it is released', () => {
    const queue = withRoomFor(2)
    const first = line(1)
    queue.add(first)
    queue.add(line(2))
    queue.takeFirst()
    expect(queue.add(line(3))).toBe(false)
    queue.putBack(first)
    expect(drain(queue)).toEqual([1, 2])
    expect(queue.add(line(4))).toBe(true)
  })
})
