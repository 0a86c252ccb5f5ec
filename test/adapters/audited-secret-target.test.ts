// An id that audited() finds is no reason to show a secret.
import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import { audited, auditLog, memory } from 'http-audit-log'
import type { AnyAuditOptions } from '../helpers/frameworks.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const S = 'a8f7d6e5c4b3a291827364'
type App = ReturnType<typeof express>

async function recordOf(
  prepare: (app: App) => void,
  path: string,
  method = 'GET',
  options: AnyAuditOptions = {},
) {
  const sink = memory()
  const app = express().use(auditLog({ sink, ...options }))
  prepare(app)
  const { url } = await startServer(app)
  await (await fetch(`${url}${path}`, { method, redirect: 'manual' })).text()
  await sink.waitFor(1)
  return { line: sink.lines[0] as string, audit: sink.records()[0]?.audit }
}

describe('audited()', () => {
  it.each([
    'reset/:id',
    'token/:id',
    'invite/:id',
    'share/:uuid',
    'verify-email/:id',
    'unsubscribe/:id',
    'password/:id',
    'hooks/:id',
    'session/:id',
  ])('records no capability as the id of the target of /%s', async (route) => {
    for (const status of [200, 403]) {
      const { line, audit } = await recordOf(
        (app) =>
          void app.get(
            `/${route}`,
            audited('Thing'),
            (req, res) => void res.status(status).json({ id: Object.values(req.params)[0] }),
          ),
        `/${route.split('/')[0]}/${S}`,
      )
      expect(line).not.toContain(S)
      expect(audit?.target).toEqual([{ type: 'Thing' }])
    }
  })

  it.each<[string, (res: express.Response) => unknown]>([
    ['a cookie', (res) => res.cookie('sid', S).json({ id: S })],
    ['a sensitive key of the body', (res) => res.json({ id: S, token: S })],
    ['a path in Location', (res) => res.location(`/sessions/${S}`).json({ ok: true })],
  ])('records no id that the server sends as a secret, in %s', async (_where, send) => {
    const { line, audit } = await recordOf(
      (app) => void app.post('/sessions', audited('Session'), (_req, res) => void send(res.status(201))),
      '/sessions',
      'POST',
    )
    expect(line).not.toContain(S)
    expect(audit?.target).toEqual([{ type: 'Session' }])
  })

  it('records no id that the server sends as a secret in an item of a list', async () => {
    const { line } = await recordOf(
      (app) =>
        void app.get(
          '/sessions',
          audited('Session', { listResults: true }),
          (_req, res) => void res.json([{ id: S, token: S }]),
        ),
      '/sessions',
    )
    expect(line).not.toContain(S)
  })

  it('records the id in the path whatever a client sends as a secret', async () => {
    const { audit } = await recordOf(
      (app) => void app.delete('/orders/:id', audited('Order2026x'), (_req, res) => void res.sendStatus(403)),
      `/orders/${S}?token=${S}&secret=Order2026x`,
      'DELETE',
    )
    expect(audit?.target).toEqual([{ type: 'Order2026x', id: S }])
    expect(audit?.message).toBe('Destroy Order2026x: denied (403)')
  })
})

describe('setAction()', () => {
  it.each<[string, (app: App) => void, string]>([
    [
      'in a cookie',
      (app) =>
        void app.get('/', (req, res) => {
          req.audit.setAction('start', { type: 'Session', id: S })
          res.cookie('sid', S).end()
        }),
      '/',
    ],
    [
      'in results',
      (app) =>
        void app.get('/', (req, res) => {
          req.audit.setAction('start', { type: 'Session', id: S }).setResults({ token: S })
          res.end()
        }),
      '/',
    ],
    [
      'in changes',
      (app) =>
        void app.get('/', (req, res) => {
          req.audit.setAction('start', { type: 'Session', id: S }).setChanges({ token: S }, { token: 'x' })
          res.end()
        }),
      '/',
    ],
    [
      'in a custom field',
      (app) =>
        void app.get('/', (req, res) => {
          req.audit.setAction('start', { type: 'Session', id: S }).set('token', S)
          res.end()
        }),
      '/',
    ],
    [
      'in the path',
      (app) =>
        void app.get('/reset/:id', (req, res) => {
          req.audit.setAction('start', { type: 'Session', id: S })
          res.end()
        }),
      `/reset/${S}`,
    ],
  ])('shows no target that is a secret %s', async (_where, prepare, path) => {
    const { line, audit } = await recordOf(prepare, path)
    expect(line).not.toContain(S)
    expect(audit?.target).toEqual([{ type: 'Session', id: '[REDACTED]' }])
  })

  it.each(['?token=', '?next=/reset/', '?next=https://example.org/reset/', '?x={"token":"'])(
    'shows the target although a client sends it as a secret in %s',
    async (query) => {
      const { audit } = await recordOf(
        (app) =>
          void app.get('/', (req, res) => {
            req.audit.setAction('close', { type: 'Order', id: S })
            res.end()
          }),
        `/${query}${S}`,
      )
      expect(audit?.target).toEqual([{ type: 'Order', id: S }])
    },
  )

  it('has no effect on what the format datapunt hides', async () => {
    const lines = await Promise.all(
      [true, false].map(async (isSet) => {
        const { line } = await recordOf(
          (app) =>
            void app.get('/', (req, res) => {
              if (isSet) req.audit.setAction('close', { type: 'Order', id: S })
              req.audit.setResults({ id: S }).info(S)
              res.end()
            }),
          `/?token=${S}`,
          'GET',
          { format: 'datapunt' },
        )
        return line
      }),
    )
    for (const line of lines) expect(line).not.toContain(S)
  })
})
