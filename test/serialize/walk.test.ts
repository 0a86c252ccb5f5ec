import { describe, expect, it } from '@jest/globals'
import { type WalkHooks, walk } from '#src/serialize/walk.js'

/** Hooks that change nothing. */
const noHooks: WalkHooks<number> = {
  entryState: (parent) => parent,
  itemState: (parent) => parent,
  copyValue: (value, position, walk) => walk.copyContent(value, position),
  findMarkedKeys: () => undefined,
  replaceEntry: () => undefined,
  replaceItem: () => undefined,
  rewriteText: (text) => text,
  rewriteKey: (key) => key,
}

function copyWith(value: unknown, hooks: Partial<WalkHooks<number>>, maxBytes = 1000) {
  return walk(value, { maxBytes, path: 'results', hooks: { ...noHooks, ...hooks }, state: 0 })
}

const VALUE = { a: [1, { b: 'text' }], c: new Map([['d', new Set([2])]]), e: null }
const COPY = { a: [1, { b: 'text' }], c: { d: [2] }, e: null }

describe('walk', () => {
  it('gives the same copy with hooks that change nothing as without hooks', () => {
    expect(walk(VALUE, { maxBytes: 1000 }).content).toEqual(COPY)
    expect(copyWith(VALUE, {}).content).toEqual(COPY)
  })

  it('summarizes a string that is too long, and marks where it was cut', () => {
    expect(walk('x'.repeat(100), { maxBytes: 14 })).toEqual({
      content: { truncated: true, type: 'string', count: 100, kept: `${'x'.repeat(10)}…[+90 characters]` },
      isTruncated: true,
    })
  })

  it('summarizes a list that is too long, with the number of its items', () => {
    expect(walk([1, 2, 3, 4, 5], { maxBytes: 12 })).toEqual({
      content: { truncated: true, type: 'array', count: 5, kept: [1, 2] },
      isTruncated: true,
    })
  })
})

describe('hooks of the walk', () => {
  it('see the path of each value, in which items have the path of their list', () => {
    const paths: string[] = []
    copyWith(VALUE, {
      copyValue(value, position, walk) {
        paths.push(position.path)
        return walk.copyContent(value, position)
      },
    })
    expect(paths).toEqual([
      ...['results', 'results.a', 'results.a', 'results.a', 'results.a.b'],
      ...['results.c', 'results.c.d', 'results.c.d', 'results.e'],
    ])
  })

  it('get the state that they gave to the object above', () => {
    const states: [string, number][] = []
    copyWith(VALUE, {
      entryState: (parent) => parent + 1,
      itemState: (parent) => parent + 10,
      copyValue(value, position, walk) {
        states.push([position.key, position.state])
        return walk.copyContent(value, position)
      },
    })
    expect(states).toEqual([
      ['results', 0],
      ['a', 1],
      ['a', 11],
      ['a', 11],
      ['b', 12],
      ['c', 1],
      ['d', 2],
      ['d', 12],
      ['e', 1],
    ])
  })

  it('give a state to one place of an object that stands in two places', () => {
    const shared = { secret: 1 }
    const { content } = copyWith(
      { first: shared, card: shared, last: shared },
      {
        entryState: (parent, key) => (key === 'card' ? 1 : parent),
        replaceEntry: (key, _value, _isMarked, position) =>
          key === 'secret' && position.state === 1 ? 'X' : undefined,
      },
    )
    expect(content).toEqual({ first: { secret: 1 }, card: { secret: 'X' }, last: { secret: 1 } })
  })

  it('replace entries that were marked because of their siblings', () => {
    const { content } = copyWith([{ name: 'pin', value: 1 }, new Map([['value', 2]])], {
      findMarkedKeys: (source, keys) =>
        source instanceof Map || keys?.includes('name') ? new Set(['value']) : undefined,
      replaceEntry: (_key, _value, isMarked) => (isMarked ? 'X' : undefined),
    })
    expect(content).toEqual([{ name: 'pin', value: 'X' }, { value: 'X' }])
  })

  it('replace items, and see the item before, the index and the list', () => {
    const { content } = copyWith(['pin', 1, 'city', 'Delft'], {
      replaceItem: (_item, previous, index, list) =>
        previous === 'pin' ? `${index} of ${Array.isArray(list) ? list.length : list}` : undefined,
    })
    expect(content).toEqual(['pin', '1 of 4', 'city', 'Delft'])
  })

  it('rewrite texts and keys', () => {
    const { content } = copyWith(
      { a: 'b', c: new URLSearchParams({ d: 'e' }) },
      {
        rewriteText: (text) => text.toUpperCase(),
        rewriteKey: (key) => `<${key}>`,
      },
    )
    expect(content).toEqual({ '<a>': 'B', '<c>': '?D=E' })
  })

  it('see a text after it was truncated', () => {
    const texts: string[] = []
    copyWith(
      ['x'.repeat(100)],
      {
        rewriteText(text) {
          texts.push(text)
          return text
        },
      },
      30,
    )
    expect(texts).toEqual([`${'x'.repeat(22)}…[+78 characters]`])
  })

  it('may spend room and give room back', () => {
    const spend = (bytes: number) =>
      copyWith(
        [1, 2, 3],
        {
          copyValue(value, position, walk) {
            walk.spend(bytes)
            return walk.copyContent(value, position)
          },
        },
        12,
      )
    expect(spend(0).isTruncated).toBe(true)
    expect(spend(-10).isTruncated).toBe(false)
    expect(spend(100).content).toEqual({ truncated: true, type: 'array', count: 3, kept: [] })
  })

  it('hide a value that they fail on, but not its siblings', () => {
    const { content } = copyWith(
      { a: 1, b: 2 },
      {
        replaceEntry(key) {
          if (key === 'a') throw new Error('broken hook')
          return undefined
        },
      },
    )
    expect(content).toEqual({ a: '[Unreadable]', b: 2 })
  })
})
