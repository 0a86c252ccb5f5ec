// Runs each example as a user would: as a separate process that receives HTTP requests, with its records read from stdout.
import type { ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it, test } from '@jest/globals'
import { readAll, spawnProgram, waitForText } from '../helpers/child-process.js'

const children = new Set<ChildProcess>()

afterEach(async () => {
  for (const child of children) {
    children.delete(child)
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
  }
})

function run(name: string, env: Record<string, string> = {}) {
  const child = spawnProgram(`examples/${name}.ts`, env)
  children.add(child)
  return child
}

/** Starts an example that listens. The returned function sends a request and resolves with the record from stdout. */
async function startServer(name: string) {
  const child = run(name, { PORT: '0' })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const [, url] = await waitForText(child.stderr, /Listening on (http:\S+)/)
  return async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, init)
    const { value } = await lines.next()
    const line = JSON.parse(value)
    return { response, line, record: line.audit }
  }
}

describe('the example', () => {
  it.each(['express', 'koa', 'nest', 'node-http'])('%s records a request', async (name) => {
    const send = await startServer(name)
    const { response, record } = await send('/persons')
    expect(response.status).toBe(200)
    expect(record).toMatchObject({
      filter: { object: 'Person' },
      http_response: { status_code: 200 },
      message: 'List Person',
      seq: 1,
    })
  })

  it('audited records requests without calls in the handlers', async () => {
    const send = await startServer('audited')
    expect((await send('/persons?last_name=Jansen')).record).toMatchObject({
      message: 'List Person',
      filter: { object: 'Person', kwargs: { last_name: 'Jansen' } },
      results: [{ id: 1 }],
    })
    expect((await send('/persons/1')).record).toMatchObject({
      message: 'Retrieve Person',
      filter: { object: 'Person', kwargs: { id: '1' } },
      results: { id: 1, last_name: 'Jansen' },
      route: '/persons/:id',
    })
    const { record } = await send('/persons/1', { method: 'DELETE' })
    expect(record).toMatchObject({ message: 'Destroy Person', results: null })
  })

  it('current-audit sets the filter and the results from outside the handler', async () => {
    const send = await startServer('current-audit')
    expect((await send('/persons?last_name=Jansen')).record).toMatchObject({
      message: 'List Person',
      filter: { object: 'Person', kwargs: { last_name: 'Jansen' } },
    })
  })

  it('policy records matching requests at level metadata and errors at level full', async () => {
    const send = await startServer('policy')
    const { record } = await send('/persons/1')
    expect(record).toMatchObject({
      message: 'Retrieve Person',
      filter: null,
      http_response: { headers: null },
    })
    const failed = await send('/health/x')
    expect(failed.record).toMatchObject({ http_response: { status_code: 404 }, seq: 2 })
  })

  it('opentelemetry records the ids of the active span', async () => {
    const send = await startServer('opentelemetry')
    const { response, record } = await send('/persons')
    const { traceId, spanId } = (await response.json()) as Record<string, string>
    expect(traceId).toMatch(/^[0-9a-f]{32}$/)
    expect([record.trace_id, record.span_id]).toEqual([traceId, spanId])
  })

  it('testing is a test suite that passes', async () => {
    const child = run('testing')
    const [stdout, [code]] = await Promise.all([readAll(child.stdout), once(child, 'exit')])
    // Node 20 prints TAP, Node 24 prints the spec reporter's form.
    expect(stdout).toMatch(/^(?:#|ℹ) pass 1$/m)
    expect(code).toBe(0)
  })

  it('passport records the user of the session', async () => {
    const send = await startServer('passport')
    const form = new URLSearchParams({ username: 'alice', password: 'open' })
    const login = await send('/login', { method: 'POST', body: form })
    const alice = {
      authenticated: true,
      provider: 'local',
      email: 'alice@example.org',
      roles: ['reader'],
      id: '7',
    }
    expect(login.record).toMatchObject({ message: 'Logged in', user: alice })

    const cookie = login.response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect((await send('/me', { headers: { cookie } })).record.user).toMatchObject(alice)
    expect((await send('/me')).record.user).toMatchObject({ authenticated: false, email: '' })
    const wrong = new URLSearchParams({ username: 'alice', password: 'guess' })
    expect((await send('/login', { method: 'POST', body: wrong })).record).toMatchObject({
      http_response: { status_code: 401 },
      user: { authenticated: false },
      outcome: 'denied',
    })
  })

  it('standalone records without a server', async () => {
    const child = run('standalone')
    const [stdout, [code]] = await Promise.all([readAll(child.stdout), once(child, 'exit')])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).audit).toMatchObject({
      type: 'WARNING',
      user: { id: 'nightly-job' },
      action: 'deactivate',
      target: [{ type: 'Person', id: '7' }],
      changes: [{ path: 'is_active', from: true, to: false }],
      ended: null,
    })
  })

  it('custom-sink sends the record to syslog', async () => {
    const syslog = createSocket('udp4').bind(0, '127.0.0.1')
    await once(syslog, 'listening')
    const child = run('custom-sink', { PORT: '0', SYSLOG_PORT: String(syslog.address().port) })
    const [, url] = await waitForText(child.stderr, /Listening on (http:\S+)/)
    const message = once(syslog, 'message')
    await fetch(`${url}/anything`)
    const [datagram] = await message
    syslog.close()
    const [, priority, json] = /^<(\d+)>1 .*? (\{.*\})\n$/.exec(String(datagram)) ?? []
    expect(priority).toBe('110')
    expect(JSON.parse(json ?? '').audit.http_response.status_code).toBe(404)
  })

  it('gelf writes GELF 1.1', async () => {
    const send = await startServer('gelf')
    const { line } = await send('/persons?last_name=Jansen')
    expect(line).toEqual({
      version: '1.1',
      host: expect.stringMatching(/./),
      short_message: 'List Person',
      timestamp: expect.any(Number),
      level: 6,
      _audit_id: expect.stringMatching(/-1$/),
      _outcome: 'success',
      _method: 'GET',
      _url: expect.stringMatching(/last_name=Jansen$/),
      _status: 200,
      _ip: '127.0.0.1',
      _filter: '{"object":"Person","kwargs":{"last_name":"Jansen"}}',
    })
    expect(Math.abs(Date.now() / 1000 - line.timestamp)).toBeLessThan(60)
    expect((await send('/nowhere')).line).toMatchObject({
      short_message: 'GET failure',
      _outcome: 'failure',
      _status: 404,
    })
  })

  it('demo writes the records of each announced request, except the exempt one, and exits', async () => {
    const child = run('demo')
    const [stdout, stderr, [code]] = await Promise.all([
      readAll(child.stdout),
      readAll(child.stderr),
      once(child, 'exit'),
    ])
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).audit)
    expect(code).toBe(0)
    expect(stderr.match(/^# /gm)).toHaveLength(10)
    expect(records.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['login', 'denied'],
      ['login', 'success'],
      ['retrieve', 'success'],
      ['partial_update', 'success'],
      ['destroy', 'denied'],
      ['transfer', 'success'],
      ['debit', 'success'],
      ['credit', 'success'],
      ['transfer', 'failure'],
      ['report', 'failure'],
      ['watch', 'unknown'],
    ])
    expect(records[4]).toMatchObject({
      message: 'Destroy Person: denied (403)',
      target: [{ type: 'Person', id: '2' }],
      reason: 'role editor may not delete',
    })
    expect(records[9]).toMatchObject({
      type: 'ERROR',
      error: { name: 'TypeError', message: 'a mistake in the report' },
    })
  })
})

test('examples are short', () => {
  for (const name of readdirSync('examples', { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue
    const maxLines = /[\\/]/.test(name)
      ? 180
      : ['demo.ts', 'scenario.ts', 'evidence-demo.ts'].includes(name)
        ? 140
        : 36
    const lines = readFileSync(`examples/${name}`, 'utf8').split('\n').length
    expect([name, lines <= maxLines]).toEqual([name, true])
  }
})
