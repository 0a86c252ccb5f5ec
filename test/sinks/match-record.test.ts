import { afterEach, describe, expect, it } from '@jest/globals'
import { AuditLogger, auditLog, memory, normalizeRecord } from 'http-audit-log'
import { runScript } from '../helpers/child-process.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('It did not throw')
}

function refuse(sink: ReturnType<typeof memory>) {
  const options = { sink }
  new AuditLogger(options).setAction('list').info('List Person').sendLog()
  new AuditLogger(options)
    .setAction('destroy', { type: 'Person', id: 2 })
    .deny('not your patient')
    .setUser({ authenticated: true, email: 'a@example.org', roles: ['nurse', 'reader'] })
    .sendLog()
}

describe('find()', () => {
  const matches: [string, object | ((record: never) => boolean)][] = [
    ['a part of the record', { action: 'destroy', outcome: 'denied' }],
    ['a nested part', { user: { email: 'a@example.org' } }],
    ['an object in a list', { target: { type: 'Person', id: '2' } }],
    ['a list', { target: [{ type: 'Person' }], user: { roles: ['nurse', 'reader'] } }],
    ['a regular expression', { reason: /patient$/g }],
    ['a function', (record: { outcome: string }) => record.outcome === 'denied'],
    ['a function for a field', { seq: (seq: number) => seq > 0, outcome: 'denied' }],
    ['a matcher of Jest', { reason: expect.stringContaining('your'), time: expect.any(String) }],
    ['an absent field', { error: undefined, reason: /./ }],
    ['null', { http_request: null, outcome: 'denied' }],
  ]
  it.each(matches)('matches %s', (_title, match) => {
    const sink = memory()
    refuse(sink)
    expect(sink.find(match as never)).toMatchObject({ action: 'destroy', reason: 'not your patient' })
    expect(sink.findAll(match as never)).toHaveLength(1)
  })

  it('has the type of the record', () => {
    const sink = memory()
    refuse(sink)
    const outcome: string = sink.find({ action: 'destroy' }).outcome
    expect(outcome).toBe('denied')
    // @ts-expect-error `outcom` is no field of a record.
    expect(() => sink.find({ outcom: 'denied' })).toThrow()
  })

  it.each([
    [{ target: [] }],
    [{ user: { roles: ['nurse'] } }],
    [{ toString: Function }],
    [{ action: 'Destroy' }],
    [{ user: null, action: 'destroy' }],
  ])('does not match %j', (match) => {
    const sink = memory()
    refuse(sink)
    expect(sink.findAll(match as never)).toEqual([])
  })

  it('shows what the nearest record lacks', () => {
    const sink = memory()
    refuse(sink)
    const message = messageOf(() =>
      sink.find({ action: 'destroy', outcome: 'success', user: { email: 'b@example.org' } }),
    )
    expect(message).toContain("No audit record matches { action: 'destroy', outcome: 'success'")
    expect(message).toContain('The nearest of 2 records differs in')
    expect(message).toContain("  outcome: expected 'success', got 'denied'")
    expect(message).toContain("  user.email: expected 'b@example.org', got 'a@example.org'")
    expect(message).not.toContain('List Person')
    expect(messageOf(() => memory().find({ action: 'x' }))).toBe(
      "No audit record matches { action: 'x' }. There are no records",
    )
  })

  it.each(['ecs', 'ocsf'] as const)('matches lines in the format %s', (format) => {
    const sink = memory()
    new AuditLogger({ sink, format, service: { name: 'persons' } }).setAction('destroy').deny('no').sendLog()
    const match = format === 'ecs' ? { event: { action: 'destroy' } } : { status_detail: 'no' }
    expect(sink.find<object>(match)).toMatchObject(match)
  })
})

describe('waitFor()', () => {
  it('waits for a record that matches', async () => {
    const sink = memory()
    const found = sink.waitFor({ action: 'destroy' })
    refuse(sink)
    await expect(found).resolves.toMatchObject({ outcome: 'denied' })
  })

  it('shows what the nearest record lacks after the timeout', async () => {
    const sink = memory()
    refuse(sink)
    await expect(sink.waitFor({ action: 'destroy', outcome: 'success' }, 20)).rejects.toThrow(
      /expected 'success', got 'denied'[\s\S]*Waited for 20 ms/,
    )
  })

  it('checks its arguments', () => {
    expect(() => memory().waitFor({ action: 'x' }, -1)).toThrow('timeoutMs')
    expect(() => memory().waitFor('destroy' as never)).toThrow('count')
  })
})

describe('normalizeRecord()', () => {
  async function recordTwice(format: 'audit' | 'ecs' | 'ocsf') {
    const lines: unknown[][] = []
    for (const _run of [1, 2]) {
      const sink = memory()
      const audit = auditLog({
        sink,
        format,
        service: { name: 'persons', nodeName: `node-${Math.random()}` },
      })
      const { url } = await startServer((request, response) => {
        audit(request, response).setAction('transfer', { type: 'Account', id: 1 })
        response.end('x')
      })
      const traceparent = `00-${crypto.randomUUID().replaceAll('-', '')}-b7ad6b716920333${lines.length}-01`
      for (const path of ['a', 'b'])
        await (await fetch(`${url}/${path}?x=1`, { headers: { traceparent } })).text()
      lines.push(await sink.waitFor(2))
    }
    return lines
  }

  it.each(['audit', 'ecs', 'ocsf'] as const)('makes lines of two runs equal: %s', async (format) => {
    const [first, second] = await recordTwice(format)
    expect(first).not.toEqual(second)
    expect(normalizeRecord(first)).toEqual(normalizeRecord(second))
    expect(JSON.stringify(normalizeRecord(first))).toContain('transfer')
  })

  it('shows which records belong together', () => {
    const run = crypto.randomUUID()
    const record = (seq: number, parent?: number) => ({
      run,
      seq,
      id: `${run}-${seq}`,
      ...(parent && { parent: `${run}-${parent}` }),
    })
    expect(normalizeRecord([record(41), record(42, 41)])).toEqual([
      { run: '<run>', seq: 1, id: '<run>-1' },
      { run: '<run>', seq: 2, id: '<run>-2', parent: '<run>-1' },
    ])
  })

  it('leaves what is stable, and its argument', () => {
    const record = {
      time: 'now',
      results: { time: 'noon', id: '7' },
      message: 'see http://localhost:3000/x',
      ended: null,
    }
    expect(normalizeRecord(record)).toEqual({ ...record, time: '<time>' })
    expect(record.time).toBe('now')
    expect(normalizeRecord(undefined)).toBeUndefined()
  })
})

it('works in node:test', async () => {
  const { stdout } = await runScript(`
    import assert from 'node:assert/strict'
    import { test } from 'node:test'
    import { AuditLogger, memory, normalizeRecord } from 'http-audit-log'
    test('a refused act', async () => {
      const sink = memory()
      new AuditLogger({ sink }).setAction('destroy', { type: 'Person', id: 2 }).deny('no').sendLog()
      const record = await sink.waitFor({ action: 'destroy', outcome: 'denied', target: { id: '2' } })
      assert.equal(normalizeRecord(record).time, '<time>')
      assert.throws(() => sink.find({ outcome: 'success' }), /expected 'success', got 'denied'/)
    })
  `)
  expect(stdout).toMatch(/pass 1/)
})
