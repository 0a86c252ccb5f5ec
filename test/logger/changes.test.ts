// What setChanges() records, from outside: through the record of a logger.
import { describe, expect, it } from '@jest/globals'
import { AuditLogger, type AuditLoggerOptions, currentAudit, memory, pseudonym } from 'http-audit-log'
import { takesAtMostMs } from '../helpers/cpu-time.js'

function record(fill: (logger: AuditLogger) => unknown, options: AuditLoggerOptions = {}) {
  const sink = memory()
  const logger = new AuditLogger({ onError: () => {}, ...options, sink })
  fill(logger)
  logger.sendLog()
  return sink.records()[0].audit
}

const changesOf = (before: unknown, after: unknown, options?: AuditLoggerOptions) =>
  record((logger) => logger.setChanges(before, after), options).changes
const change = (path: string, from: unknown, to: unknown) => ({ path, from, to })
const SHOWN = '[REDACTED]'
/** A made-up key with the format of a vendor. */
const VENDOR_KEY = ['ghp', 'x1Y2'.repeat(9)].join('_')

describe('setChanges()', () => {
  it('lists the properties that differ, with their old and new values', () => {
    const before = { id: 1, name: 'Jan', address: { city: 'Utrecht', street: 'Dam' }, phone: '1' }
    const after = { id: 1, name: 'Piet', address: { city: 'Amsterdam', street: 'Dam' }, email: 'a@b.nl' }
    expect(changesOf(before, after)).toEqual([
      change('name', 'Jan', 'Piet'),
      change('address.city', 'Utrecht', 'Amsterdam'),
      { path: 'phone', from: '1' },
      { path: 'email', to: 'a@b.nl' },
    ])
  })

  it.each<[string, unknown, unknown, unknown]>([
    [
      'a creation, property by property',
      null,
      { a: 1, b: [2] },
      [
        { path: 'a', to: 1 },
        { path: 'b', to: [2] },
      ],
    ],
    ['a creation from undefined', undefined, { a: 1 }, [{ path: 'a', to: 1 }]],
    [
      'a deletion',
      { a: 1, b: null },
      null,
      [
        { path: 'a', from: 1 },
        { path: 'b', from: null },
      ],
    ],
    ['items by their index', [1, 2], [1, 3, 4], [change('1', 2, 3), { path: '2', to: 4 }]],
    ['scalars', 'draft', 'sent', [change('', 'draft', 'sent')]],
    ['a scalar that was added', null, 5, [{ path: '', to: 5 }]],
    ['a list that became an object', { a: [1] }, { a: { b: 1 } }, [change('a', [1], { b: 1 })]],
    ['null, which is not the same as a missing property', { a: null }, {}, [{ path: 'a', from: null }]],
    ['nothing where nothing has changed', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    ['nothing for undefined, which JSON leaves out', { a: undefined }, { b: undefined, c: () => 1 }, []],
    ['nothing for -0', { a: 0, b: Number.NaN }, { a: -0, b: Number.NaN }, []],
    ['nothing for a date and its JSON', { a: new Date(0) }, { a: '1970-01-01T00:00:00.000Z' }, []],
    ['nothing for a bigint and its JSON', { a: 9n }, { a: '9' }, []],
    ['entries of a Map', { m: new Map([['k', 1]]) }, { m: new Map([['k', 2]]) }, [change('m.k', 1, 2)]],
    ['items of a Set', new Set(['a']), new Set(['a', 'b']), [{ path: '1', to: 'b' }]],
    [
      'bytes of the same length',
      { a: Buffer.from('ab'), b: Buffer.from('ab') },
      { a: Buffer.from('ac'), b: Buffer.from('ab') },
      [change('a', '[Binary: 2 bytes]', '[Binary: 2 bytes]')],
    ],
    [
      'documents by their toJSON',
      { toJSON: () => ({ name: 'Jan' }), isNew: true },
      { toJSON: () => ({ name: 'Piet' }), isNew: false },
      [change('name', 'Jan', 'Piet')],
    ],
    [
      'a getter that throws',
      {
        get a() {
          throw new Error('no')
        },
        b: 1,
      },
      { a: 1, b: 2 },
      [change('a', '[Unreadable]', 1), change('b', 1, 2)],
    ],
  ])('records %s', (_title, before, after, expected) => {
    expect(changesOf(before, after)).toEqual(expected)
  })

  it('records no changes where it was not called', () => {
    expect(record((logger) => logger.info('x'))).not.toHaveProperty('changes')
  })

  it('writes keys with dots, brackets, quotes or backslashes, and empty keys, so that they cannot be mistaken', () => {
    const keys = ['a.b', '', 'a[0]', '"', '\\', '__proto__', 'a b', 'constructor']
    const objectOf = (value: number) =>
      JSON.parse(`{${keys.map((key) => `${JSON.stringify(key)}:${value}`).join()}}`)
    const changes = changesOf({ n: objectOf(1) }, { n: objectOf(2) })
    const paths = changes.map(({ path }: { path: string }) => path)
    expect(paths).toEqual([
      'n["a.b"]',
      'n[""]',
      'n["a[0]"]',
      'n["\\""]',
      'n["\\\\"]',
      'n.__proto__',
      'n.a b',
      'n.constructor',
    ])
  })

  it('copies both sides at once', () => {
    const [before, after] = [{ a: 1 }, { a: 2 }]
    const { changes } = record((logger) => {
      logger.setChanges(before, after)
      before.a = 3
      after.a = 3
    })
    expect(changes).toEqual([change('a', 1, 2)])
  })

  it('is replaced by the last call', () => {
    const { changes } = record((logger) =>
      logger.setChanges({ a: 1 }, { a: 2 }).setChanges({ b: 1 }, { b: 2 }),
    )
    expect(changes).toEqual([change('b', 1, 2)])
  })

  it('compares nothing, and reports it once, if a promise was not awaited', () => {
    const errors: Error[] = []
    const query = Object.defineProperty({}, 'then', { value: () => expect('the query').toBe('not run') })
    const { changes } = record(
      (logger) =>
        logger
          .setChanges({ a: 1 }, { a: 2 })
          .setChanges(query, { a: 1 })
          .setChanges({ a: 1 }, Promise.reject(new Error('no'))),
      { onError: (error) => errors.push(error) },
    )
    expect(changes).toBeUndefined()
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('Await it')])
  })

  it('compares nothing, and reports it once, if both sides are the same object', async () => {
    const errors: Error[] = []
    const person = { id: 1, name: 'a' }
    const save = async (saved: object, body: object) => Object.assign(saved, body)
    const saved = await save(person, { name: 'b' })
    const { changes } = record(
      (logger) => logger.setChanges({ a: 1 }, { a: 2 }).setChanges(person, saved).setChanges(person, saved),
      { onError: (error) => errors.push(error) },
    )
    expect(changes).toBeUndefined()
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('structuredClone(person)')])
  })

  it.each([null, undefined, 'a', 1])('compares %p with itself', (value) => {
    expect(record((logger) => logger.setChanges(value, value)).changes).toEqual([])
  })

  it('does nothing outside a request', () => {
    expect(() => currentAudit().setChanges({ a: 1 }, { a: 2 }).set('a', 1)).not.toThrow()
  })
})

describe('secrets in changes', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['a password', { password: 'geheim1' }, { password: 'geheim2' }, [change('password', SHOWN, SHOWN)]],
    [
      'a key at any depth',
      [{ a: { token: 'a1' } }],
      [{ a: { token: 'b2' } }],
      [change('0.a.token', SHOWN, SHOWN)],
    ],
    [
      'a secret in a text',
      { log: 'x password=Geheim12' },
      { log: 'x password=Geheim13' },
      [change('log', `x password=${SHOWN}`, `x password=${SHOWN}`)],
    ],
    [
      'JSON in a text',
      { j: '{"password":"a1b2c3"}' },
      { j: '{"password":"a1b2c4"}' },
      [change('j', `{"password":"${SHOWN}"}`, `{"password":"${SHOWN}"}`)],
    ],
    [
      'an object under a sensitive key, as a whole',
      { token: { a: 'x', b: { c: 1 } } },
      { token: { a: 'y', b: { c: 2 } } },
      [change('token', SHOWN, SHOWN)],
    ],
    [
      'a value whose sibling, which has not changed, is its name',
      { name: 'password', value: 'hunter2A' },
      { name: 'password', value: 'hunter3A' },
      [change('value', SHOWN, SHOWN)],
    ],
    ['a secret key', { [VENDOR_KEY]: 1 }, { [VENDOR_KEY]: 2 }, [change('["[REDACTED]"]', 1, 2)]],
    [
      'a secret key within a new object',
      { n: 1 },
      { n: { [VENDOR_KEY]: 1 } },
      [change('n', 1, { [SHOWN]: 1 })],
    ],
    [
      'a new object',
      null,
      { user: { name: 'Jan', password: 'geheim1' } },
      [{ path: 'user', to: { name: 'Jan', password: SHOWN } }],
    ],
  ])('hides %s, and shows that it has changed', (_title, before, after, expected) => {
    const line = JSON.stringify(changesOf(before, after))
    expect(JSON.parse(line)).toEqual(expected)
  })

  it.each([
    [['changes'], ['bsn', 'o', 'l']],
    [['changes.*'], ['bsn', 'o', 'l']],
    [['changes.bsn'], ['bsn']],
    [['changes.*.bsn'], ['bsn', 'o.bsn', 'l.0.bsn']],
    [['changes.o.bsn'], ['o.bsn']],
    [['changes.l.bsn'], ['l.0.bsn']],
  ])('hides what the paths %j lead to', (paths, hidden) => {
    const before = { bsn: 1, o: { bsn: 2, x: 1 }, l: [{ bsn: 3 }] }
    const after = { bsn: 5, o: { bsn: 6, x: 2 }, l: [{ bsn: 7 }] }
    const changes: { path: string; from: unknown; to: unknown }[] = changesOf(before, after, {
      redact: { paths },
    })
    const isHidden = ({ from, to }: { from: unknown; to: unknown }) => from === SHOWN && to === SHOWN
    expect(changes.filter(isHidden).map(({ path }) => path)).toEqual(hidden)
    expect(changes.every((one) => isHidden(one) || (one.from !== SHOWN && one.to !== SHOWN))).toBe(true)
  })

  it('hides the old values of all properties by the path changes.from', () => {
    const options = { redact: { paths: ['changes.from'] } }
    expect(changesOf({ a: 1, b: { c: 1 } }, { a: 2, b: { c: 2 } }, options)).toEqual([
      change('a', SHOWN, 2),
      change('b', SHOWN, { c: 2 }),
    ])
    expect(changesOf('old', 'new', options)).toEqual([change('', SHOWN, 'new')])
  })

  it('pseudonymizes by path, and replaces the value in the rest of the record', () => {
    const key = 'x'.repeat(16)
    const options = { pseudonymize: { key, keyId: 'k', fields: ['changes.bsn'] } }
    const { changes, message } = record(
      (logger) => logger.setChanges({ bsn: 123456782 }, { bsn: 123456783 }).info('BSN 123456782'),
      options,
    )
    const [from, to] = [pseudonym(123456782, key, 'k'), pseudonym(123456783, key, 'k')]
    expect(changes).toEqual([change('bsn', from, to)])
    expect(message).toBe(`BSN ${from}`)
  })

  it('hides nothing with redact: false', () => {
    expect(changesOf({ password: 'a' }, { password: 'b' }, { redact: false })).toEqual([
      change('password', 'a', 'b'),
    ])
  })
})

describe('changes that are too long', () => {
  const LONG = 'x'.repeat(100_000)
  const numbered = (count: number, value: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, id) => [`key${id}`, value]))

  it('lists texts that differ only beyond what is shown of them', () => {
    const { changes, truncated } = record((logger) => logger.setChanges({ t: `${LONG}a` }, { t: `${LONG}b` }))
    expect(changes).toEqual([
      change('t', expect.objectContaining({ count: 100_001 }), expect.objectContaining({ count: 100_001 })),
    ])
    expect(truncated).toEqual(['changes'])
    expect(changesOf({ t: LONG }, { t: `x${LONG.slice(1)}` })).toEqual([])
  })

  it('has the length of a whole list, of which only the beginning was copied', () => {
    const list = Array.from({ length: 70_000 }, (_, index) => `v${index}`)
    const removed = changesOf({ list }, {})
    expect(removed).toEqual([
      { path: 'list', from: expect.objectContaining({ type: 'array', count: 70_000 }) },
    ])
    const added = changesOf({}, { list })
    expect(added).toEqual([{ path: 'list', to: expect.objectContaining({ type: 'array', count: 70_000 }) }])
  })

  it('fits, and counts the changes that are missing', () => {
    const { changes, truncated } = record((logger) => logger.setChanges(numbered(2000, 1), numbered(2000, 2)))
    const [, missing] = /^…\[\+(\d+) changes\]$/.exec(changes.at(-1).path) as unknown as [string, string]
    expect(changes.length - 1 + Number(missing)).toBe(2000)
    expect(truncated).toEqual(['changes'])
  })

  it('shows which properties have changed rather than all of a value', () => {
    const objectOf = (text: string) =>
      Object.fromEntries(['a', 'b', 'c'].map((key) => [key, text.repeat(20_000)]))
    const { changes } = record((logger) => logger.setChanges(objectOf('x'), objectOf('y')))
    expect(changes.map(({ path }: { path: string }) => path)).toEqual(['a', 'b', 'c'])
  })

  it('does not take what it has not compared for added or removed', () => {
    // The long text takes the room of other properties, so the copies end at different ones.
    const before = numbered(20_000, 1)
    const after = { ...before, key0: LONG }
    const { changes, truncated } = record((logger) => logger.setChanges(before, after))
    expect(changes.map(({ path }: { path: string }) => path)).toEqual(['key0'])
    expect(truncated).toEqual(['changes'])
  })

  it('says that it does not know what has changed below 20 levels', () => {
    const nest = (levels: number, value: unknown) => {
      let nested = value
      for (let level = 0; level < levels; level++) nested = { nested }
      return nested
    }
    const { changes, truncated } = record((logger) => logger.setChanges(nest(10_000, 1), nest(10_000, 2)))
    expect([changes, truncated]).toEqual([[], ['changes']])
    expect(changesOf(nest(10, 1), nest(10, 2))).toHaveLength(1)
  })

  it('survives objects that contain themselves', () => {
    const circle = (a: number) =>
      Object.defineProperty({ a }, 'self', { enumerable: true, get: () => circle(a) })
    expect(changesOf(circle(1), circle(2))).toContainEqual(change('a', 1, 2))
    const one: Record<string, unknown> = { a: 1 }
    const other: Record<string, unknown> = { a: 2 }
    one.self = one
    other.self = other
    expect(changesOf(one, other)).toEqual([change('a', 1, 2)])
  })

  it('costs a bounded time, whatever the size of the objects is', () => {
    const [before, after] = [numbered(100_000, 1), numbered(100_000, 2)]
    expect(takesAtMostMs(3000, () => changesOf(before, after))).toBe(true)
    const texts = (letter: string) =>
      Array.from({ length: 20_000 }, (_, id) => `password=${letter}${id}${'y'.repeat(500)}`)
    const [oldTexts, newTexts] = [texts('a'), texts('b')]
    expect(takesAtMostMs(3000, () => changesOf(oldTexts, newTexts))).toBe(true)
  })

  it('keeps the changes of a record whose URL is too long', () => {
    const { changes, truncated } = record((logger) =>
      logger
        .setHttpRequest({ method: 'PATCH', url: `https://h/?q=${LONG}`, userAgent: LONG })
        .setChanges({ a: 1 }, { a: 2 })
        .set('case_number', '2026/17')
        .setAction('update', { type: 'Person', id: 2 })
        .deny('not your patient'),
    )
    expect(changes).toEqual([change('a', 1, 2)])
    expect(truncated).toEqual(expect.arrayContaining(['http_request.url']))
    expect(truncated).not.toContain('changes')
  })
})
