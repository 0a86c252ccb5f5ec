// audit.logger(), and child() of loggers without a request.
import { describe, expect, it } from '@jest/globals'
import { AuditLogger, auditLog, memory } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import { runScript } from '../helpers/child-process.js'
import { ControllableSink } from '../helpers/controllable-sink.js'

// biome-ignore lint/suspicious/noExplicitAny: a test reads any depth of it.
function recordsOf(sink: { readonly lines: readonly string[] }): any[] {
  return sink.lines.map((line) => JSON.parse(line).audit)
}

describe.each([
  ['Express', auditLog],
  ['Koa', auditKoa as unknown as typeof auditLog],
])('audit.logger() of %s', (_name, create) => {
  it('writes a record with the options of the middleware, and counts it', () => {
    const sink = memory()
    const audit = create({ sink, redact: { keys: ['bsn'] }, service: { name: 'persons-api' } } as never)
    audit.logger().setFilter('Person', { bsn: '123456782' }).info('Nightly job').sendLog()
    const [record] = recordsOf(sink)
    expect(record).toMatchObject({
      message: 'Nightly job',
      http_request: null,
      request_id: null,
      service: { name: 'persons-api' },
    })
    expect(sink.lines[0]).not.toContain('123456782')
    expect(audit.stats()).toMatchObject({ written: 1, inFlight: 0 })
  })
})

describe('audit.logger()', () => {
  it('applies `level`, and not `failClosed`', () => {
    const sink = new ControllableSink('throw')
    const audit = auditLog({ sink, level: 'warning', failClosed: true, onError() {} })
    audit.logger().info('dropped').sendLog()
    expect(audit.stats()).toMatchObject({ waiting: 0, lost: 0 })
    audit.logger().warning('buffered').sendLog()
    expect(audit.stats()).toMatchObject({ waiting: 1, lost: 0 })
  })

  it('links a record to a request, and ignores an id that is not well-formed', () => {
    const sink = memory()
    const audit = auditLog({ sink })
    for (const requestId of ['request-1', 'no id', 7, null, {}, undefined])
      audit.logger({ requestId: requestId as string }).sendLog()
    expect(recordsOf(sink).map((record) => record.request_id)).toEqual([
      'request-1',
      null,
      '7',
      null,
      null,
      null,
    ])
  })

  it('throws for an unknown option', () => {
    expect(() => auditLog({ sink: memory() }).logger({ requestid: 'x' } as never)).toThrow(/requestid/)
  })

  it('has its children and late children written by close()', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const job = audit.logger().info('job')
    for (let i = 0; i < 200; i++) job.child().info('item')
    job.sendLog()
    job.child().info('late')
    await audit.close()
    const messages = recordsOf(sink).map((record) => record.message)
    expect(messages).toHaveLength(202)
    expect(messages).toContain('late')
  })
})

describe('a job whose child was sent, and which is not sent itself', () => {
  it('is written by close() with an unknown outcome, so that seq has no gap', async () => {
    const sink = memory()
    const audit = auditLog({ sink, level: 'warning', service: false })
    const job = audit.logger().setAction('nightly').debug('job')
    job.child().warning('waits')
    job.child().warning('sent').sendLog()
    await audit.close()
    job.sendLog()
    const records = recordsOf(sink)
    const [sent, parent, waiting] = records
    expect(records.map((record) => record.message)).toEqual(['sent', 'job', 'waits'])
    expect(sent.parent).toBe(parent.id)
    expect(waiting.parent).toBe(parent.id)
    expect(parent).toMatchObject({ action: 'nightly', outcome: 'unknown', children: 2 })
    expect(waiting.outcome).toBe('unknown')
    expect(records.map(({ seq }) => seq - parent.seq)).toEqual([1, 0, 2])
  })

  it('is written once, as a success, when it is sent after all', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const job = audit.logger().setAction('nightly')
    job.child().setAction('close').sendLog()
    job.sendLog()
    await audit.close()
    expect(recordsOf(sink).map(({ outcome }) => outcome)).toEqual(['success', 'success'])
  })

  it('is written when the process exits', async () => {
    const { stdout } = await runScript(`
      import { AuditLogger } from 'http-audit-log'
      new AuditLogger().setAction('nightly').child().info('sent').sendLog()
    `)
    const lines = stdout.trim().split('\n')
    expect(recordsOf({ lines }).map(({ seq }) => seq)).toEqual([2, 1])
  })
})

describe('child() of new AuditLogger()', () => {
  it('is sent with its parent, and names it', () => {
    const sink = memory()
    const job = new AuditLogger({ sink })
      .info('job')
      .setUser({ authenticated: true, email: 'jane@example.org' })
    const child = job.child().info('child')
    child.child().info('grandchild')
    expect(sink.lines).toHaveLength(0)
    job.sendLog()
    const [parent, first, second] = recordsOf(sink)
    expect(parent).toMatchObject({ message: 'job', children: 1 })
    expect(first).toMatchObject({ message: 'child', parent: parent.id, user: parent.user, children: 1 })
    expect(second).toMatchObject({ message: 'grandchild', parent: first.id })
  })

  it('is written according to its own level, without a gap in seq or a parent that does not exist', () => {
    const sink = memory()
    const job = new AuditLogger({ sink, level: 'warning' }).info('job')
    job.child().info('low')
    job.child().info('low parent').child().warning('high')
    job.child().debug('early').sendLog()
    job.sendLog()
    job.child().error('late').sendLog()
    const other = new AuditLogger({ sink, level: 'warning' }).info('low')
    other.sendLog()
    other.child().error('late child of a record that was not written').sendLog()
    const records = recordsOf(sink)
    const messages = ['job', 'low parent', 'high', 'late', 'late child of a record that was not written']
    expect(records.map((record) => record.message)).toEqual(messages)
    expect(records.map((record) => record.seq)).toEqual(records.map((_record, i) => records[0].seq + i))
    expect(records[0].children).toBe(1)
    expect(records.at(-1)).not.toHaveProperty('parent')
  })
})
