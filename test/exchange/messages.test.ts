// The message of a request: of its action, or the first of the level methods unless an action failed; the others are notes.
import { afterEach, describe, expect, it } from '@jest/globals'
import { memory } from 'http-audit-log'
import { type AnyAuditOptions, type HandlerContext, type Route, routedApps } from '../helpers/frameworks.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const ACCOUNTS = [
  { type: 'Account', id: 'A' },
  { type: 'Account', id: 'B' },
]

describe.each(routedApps)('%s', (_name, build) => {
  async function recordOf(
    handle: Route['handle'],
    options: AnyAuditOptions = {},
    route: Partial<Route> = {},
  ) {
    const sink = memory()
    const { url } = await startServer(
      build([{ method: 'get', path: '/x', ...route, handle }], { sink, ...options }),
    )
    const method = (route.method ?? 'get').toUpperCase()
    await (await fetch(`${url}/x`, { method, redirect: 'manual' })).text()
    return (await sink.waitFor(1))[0].audit
  }

  it('has the first message of a request, the most severe level, and later messages as notes', async () => {
    const record = await recordOf(({ audit, send }) => {
      audit.info('first').error('second').debug('third')
      send([])
    })
    expect(record).toMatchObject({
      type: 'ERROR',
      message: 'first',
      notes: [
        { type: 'ERROR', message: 'second' },
        { type: 'DEBUG', message: 'third' },
      ],
    })
  })

  it('has no notes for one message, and does not raise its level', async () => {
    const record = await recordOf(({ audit, send }) => {
      audit.debug('only')
      send([], 500)
    })
    expect(record).toMatchObject({ type: 'DEBUG', message: 'only', outcome: 'failure' })
    expect(record).not.toHaveProperty('notes')
  })

  it('bounds the notes, and has the first message in full', async () => {
    const long = 'x'.repeat(3000)
    const record = await recordOf(({ audit, send }) => {
      audit.info(long)
      for (let index = 0; index < 1000; index++) audit.info(`${index}`)
      audit.critical('last')
      send([])
    })
    expect(record.message).toBe(long)
    expect(record.notes).toHaveLength(20)
    expect(record.notes.slice(-2)).toEqual([
      { type: 'INFO', message: '…[+982 notes]' },
      { type: 'CRITICAL', message: 'last' },
    ])
    expect(record).toMatchObject({ type: 'CRITICAL', truncated: ['notes'] })
  })

  it('lets the last message win in the format datapunt, which has no notes and no composed message', async () => {
    const several = ({ audit, send }: HandlerContext) => {
      audit.setAction('transfer', ACCOUNTS).deny('no').error('first').info('second')
      send([])
    }
    expect(await recordOf(several, { format: 'datapunt' })).toMatchObject({ type: 'INFO', message: 'second' })
    const none = ({ audit, send }: HandlerContext) => {
      audit.setAction('transfer', ACCOUNTS).deny('no')
      send([])
    }
    expect((await recordOf(none, { format: 'datapunt' })).message).toBe('')
  })

  it.each<[number, string]>([
    [200, ''],
    [201, ''],
    [202, ': accepted (202)'],
    [207, ': multi-status (207)'],
    [302, ': redirected (302)'],
    [304, ': not modified (304)'],
    [401, ': denied (401)'],
    [403, ': denied (403)'],
    [404, ': failed (404)'],
    [422, ': failed (422)'],
    [500, ': failed (500)'],
  ])('is composed of action, targets and result for status %i', async (status, result) => {
    const handle = ({ audit, send }: HandlerContext) => {
      audit.setAction('transfer', ACCOUNTS)
      send({}, status)
    }
    expect((await recordOf(handle, {}, { method: 'post' })).message).toBe(
      `transfer Account A, Account B${result}`,
    )
  })

  it.each([200, 202, 302])('is that of the handler beside setAction() for status %i', async (status) => {
    const handle = ({ audit, send }: HandlerContext) => {
      audit.setAction('transfer', ACCOUNTS).debug('asked the ledger').info('asked again')
      send({}, status)
    }
    expect(await recordOf(handle)).toMatchObject({
      action: 'transfer',
      outcome: 'success',
      message: 'asked the ledger',
      type: 'INFO',
      notes: [{ type: 'INFO', message: 'asked again' }],
    })
  })

  it.each<[string, Route['handle'], object]>([
    [
      'status 403',
      ({ audit, send }) => {
        audit.setAction('destroy', { type: 'Person', id: 2 }).info('checking permissions')
        send({}, 403)
      },
      {
        outcome: 'denied',
        message: 'destroy Person 2: denied (403)',
        type: 'WARNING',
        notes: [{ type: 'INFO', message: 'checking permissions' }],
      },
    ],
    [
      'status 500, with all messages as notes',
      ({ audit, send }) => {
        audit.debug('asked the ledger').setAction('transfer', ACCOUNTS).info('asked again')
        send({}, 500)
      },
      {
        outcome: 'failure',
        message: 'transfer Account A, Account B: failed (500)',
        type: 'ERROR',
        notes: [
          { type: 'DEBUG', message: 'asked the ledger' },
          { type: 'INFO', message: 'asked again' },
        ],
      },
    ],
    [
      'deny() with status 200',
      ({ audit, send }) => {
        audit.setAction('transfer', ACCOUNTS).info('asked').deny('over the limit')
        send({}, 200)
      },
      {
        outcome: 'denied',
        message: 'transfer Account A, Account B: denied',
        notes: [{ type: 'INFO', message: 'asked' }],
      },
    ],
  ])('is the attempt beside setAction() if that was not done: %s', async (_case, handle, expected) => {
    expect(await recordOf(handle)).toMatchObject(expected)
  })

  it('is the attempt of a child that has failed, and the first message of one that was done', async () => {
    const sink = memory()
    const handle = ({ audit, send }: HandlerContext) => {
      audit.child().setAction('debit', { type: 'Account', id: 'A' }).info('asked').fail('too little')
      audit.child().setAction('credit', { type: 'Account', id: 'B' }).info('done').succeed()
      send({})
    }
    const { url } = await startServer(build([{ method: 'get', path: '/x', handle }], { sink }))
    await (await fetch(`${url}/x`)).text()
    const records = (await sink.waitFor(3)).map(({ audit }) => audit)
    expect(records.find(({ action }) => action === 'debit')).toMatchObject({
      message: 'debit Account A: failed',
      notes: [{ type: 'INFO', message: 'asked' }],
    })
    const done = records.find(({ action }) => action === 'credit')
    expect(done).toMatchObject({ message: 'done' })
    expect(done).not.toHaveProperty('notes')
  })

  it('is the attempt in the line of the stage started', async () => {
    const sink = memory()
    const handle = ({ audit, send }: HandlerContext) => {
      audit.setAction('close', { type: 'Account', id: 7 }).info('asked')
      send({})
    }
    const { url } = await startServer(
      build([{ method: 'get', path: '/x', handle }], { sink, stages: ['started'] }),
    )
    await (await fetch(`${url}/x`)).text()
    const [started, completed] = (await sink.waitFor(2)).map(({ audit }) => audit)
    expect(started).toMatchObject({
      message: 'close Account 7: started (200)',
      notes: [{ type: 'INFO', message: 'asked' }],
    })
    expect(completed?.message).toBe('asked')
    expect(completed).not.toHaveProperty('notes')
  })

  it.each<[string, Route['handle'], object]>([
    [
      'setAction() wins over audited(), and all messages are notes',
      ({ audit, send }) => {
        audit.info('first').setAction('merge', { type: 'Person', id: 7 }).info('second')
        send({})
      },
      {
        action: 'merge',
        target: [{ type: 'Person', id: '7' }],
        message: 'merge Person 7',
        notes: [{ message: 'first' }, { message: 'second' }],
      },
    ],
    [
      'deny() wins over a status of success',
      ({ audit, send }) => {
        audit.deny('not your patient')
        send({}, 200)
      },
      { outcome: 'denied', reason: 'not your patient', message: 'Destroy Person: denied' },
    ],
    [
      'fail() wins over the status 403',
      ({ audit, send }) => {
        audit.fail('locked')
        send({}, 403)
      },
      { outcome: 'failure', reason: 'locked', message: 'Destroy Person: failed (403)' },
    ],
    [
      'succeed() wins over a redirect',
      ({ audit, send }) => {
        audit.succeed()
        send({}, 302)
      },
      { outcome: 'success', message: 'Destroy Person' },
    ],
    [
      'the last statement wins',
      ({ audit, send }) => {
        audit.deny('first').fail().deny('last')
        send({}, 404)
      },
      { outcome: 'denied', reason: 'last', message: 'Destroy Person: denied (404)' },
    ],
    [
      'the last setAction() wins, and keeps the targets of the one before',
      ({ audit, send }) => {
        audit.setAction('first', ACCOUNTS).setAction('second')
        send({}, 200)
      },
      { action: 'second', target: ACCOUNTS, message: 'second Account A, Account B' },
    ],
  ])('on a route with audited(): %s', async (_case, handle, expected) => {
    expect(await recordOf(handle, {}, { method: 'delete', objectName: 'Person' })).toMatchObject(expected)
  })

  it('has pseudonyms where its parts have them', async () => {
    const handle = ({ audit, send }: HandlerContext) => {
      audit.setAction('close', { type: 'Account', id: 7 })
      send({})
    }
    const pseudonymize = { key: 'k'.repeat(32), keyId: 'k1', fields: ['target.id'] }
    const { message, target } = await recordOf(handle, { pseudonymize })
    expect(target[0].id).not.toBe('7')
    expect(message).toBe(`close Account ${target[0].id}`)
    expect((await recordOf(handle, { redact: { paths: ['message'] } })).message).toBe('[REDACTED]')
  })

  it('keeps action, target and reason at the policy level metadata, and no notes', async () => {
    const handle = ({ audit, send }: HandlerContext) => {
      audit.setAction('close', { type: 'Account', id: 7 }).deny('locked').info('first').info('second')
      send({})
    }
    const record = await recordOf(handle, { policy: [{ level: 'metadata' }] })
    expect(record).toMatchObject({
      action: 'close',
      target: [{ type: 'Account', id: '7' }],
      outcome: 'denied',
      reason: 'locked',
    })
    expect(record).not.toHaveProperty('notes')
  })
})
