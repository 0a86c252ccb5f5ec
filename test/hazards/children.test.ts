// The records of further actions when the sink refuses, or the process ends.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals'
import { type AuditLogger, auditLog } from 'http-audit-log'
import { compiledProgram } from '../helpers/child-process.js'
import { ControllableSink } from '../helpers/controllable-sink.js'
import { startServer, stopServers } from '../helpers/servers.js'

jest.setTimeout(60_000)

const directory = mkdtempSync(join(tmpdir(), 'audit-'))

afterEach(stopServers)
afterAll(() => rmSync(directory, { recursive: true }))

// biome-ignore lint/suspicious/noExplicitAny: a test reads any depth of it.
function parse(lines: readonly string[]): any[] {
  return lines.map((line) => JSON.parse(line).audit)
}

/** Answers each request after a parent and children were described. */
async function serve(sink: ControllableSink, describe: (audit: AuditLogger) => void) {
  const audit = auditLog({ sink, failClosed: true, onError() {} })
  const { url } = await startServer((request, response) =>
    audit(request, response, () => {
      describe((request as unknown as { audit: AuditLogger }).audit)
      response.end('done')
    }),
  )
  return { audit, url }
}

const twoChildren = (audit: AuditLogger) => {
  audit.info('parent')
  audit.child().info('first')
  audit.child().info('second')
}

describe('child() with failClosed', () => {
  it('holds the response until the sink has accepted all records', async () => {
    const sink = new ControllableSink('hold')
    const { url } = await serve(sink, twoChildren)
    let status: number | undefined
    const answer = fetch(url).then(async (response) => {
      await response.text()
      status = response.status
    })
    await sink.waitForReceived(3)
    expect(parse(sink.received).map(({ message }) => message)).toEqual(['parent', 'first', 'second'])
    await sink.acceptOldest()
    await sink.acceptOldest()
    await new Promise((resolve) => setImmediate(resolve))
    expect(status).toBeUndefined()
    await sink.acceptOldest()
    await answer
    expect(status).toBe(200)
    expect(sink.received).toHaveLength(3)
  })

  it.each([0, 1, 2])(
    'refuses the request if record %i is refused, and corrects all of them',
    async (index) => {
      const sink = new ControllableSink('hold')
      const { url } = await serve(sink, twoChildren)
      const answer = fetch(url)
      await sink.waitForReceived(3)
      const writes = [await sink.next(), await sink.next(), await sink.next()]
      sink.mode = 'accept'
      writes.forEach((write, i) => {
        if (i === index) write.reject()
        else write.accept()
      })
      expect((await answer).status).toBe(503)
      await sink.waitFor(5)
      const last = new Map(parse(sink.lines).map((record) => [record.id, record]))
      expect(last.size).toBe(3)
      for (const record of last.values())
        expect(record).toMatchObject({
          stage: 'corrected',
          outcome: 'failure',
          http_response: { status_code: 503 },
        })
    },
  )

  it('writes children once that were not tried, because the parent was refused', async () => {
    const sink = new ControllableSink('accept')
    const { url } = await serve(sink, (audit) => {
      twoChildren(audit)
      sink.mode = 'throw'
      queueMicrotask(() => {
        sink.mode = 'accept'
      })
    })
    expect((await fetch(url)).status).toBe(503)
    await sink.waitFor(3)
    const [parent, ...children] = parse(sink.lines)
    expect(children).toHaveLength(2)
    for (const child of children) {
      expect(child).toMatchObject({ parent: parent.id, http_response: { status_code: 503 } })
      expect(child).not.toHaveProperty('stage')
    }
  })

  it('refuses the request if a record that was sent early is not accepted', async () => {
    const sink = new ControllableSink('accept')
    const { url } = await serve(sink, (audit) => {
      const child = audit.child().info('early')
      sink.mode = 'throw'
      child.sendLog()
    })
    const answer = await fetch(url)
    expect(answer.status).toBe(503)
  })
})

describe.each([
  ['process.exit', { code: 3, signal: null }],
  ['an uncaught error', { code: 1, signal: null }],
  ['SIGTERM with close()', { code: 0, signal: null }],
])('child() when the process ends by %s', (ending, expected) => {
  it('has its record, also when the exchange has ended and nobody has sent it', async () => {
    const path = join(directory, `${ending.replaceAll(/\W/g, '-')}.log`)
    const env = { ...process.env, AUDIT_FILE: path, ENDING: ending }
    const exit = await new Promise((resolve) => {
      const child = execFile(process.execPath, [compiledProgram('children-server')], { env }, () =>
        resolve({ code: child.exitCode, signal: child.signalCode }),
      )
    })
    expect(exit).toEqual(expected)
    const records = parse(readFileSync(path, 'utf8').trimEnd().split('\n'))
    const messages = records.map(({ message }) => message).sort()
    expect(messages).toEqual(
      ['answered', 'child', 'grandchild', 'send_mail Person 7: unknown', 'open'].sort(),
    )
    expect(records.map(({ seq }) => seq).sort()).toEqual([1, 2, 3, 4, 5])
    const byMessage = new Map(records.map((record) => [record.message, record]))
    expect(byMessage.get('child').parent).toBe(byMessage.get('open').id)
    expect(byMessage.get('grandchild').parent).toBe(byMessage.get('child').id)
    const late = records.find(({ action }) => action === 'send_mail')
    expect(late).toMatchObject({ parent: byMessage.get('answered').id, outcome: 'unknown' })
  })
})

describe.each(['flush', 'close'])('%s() with children', (method) => {
  it('keeps the process alive until the sink has accepted all records', async () => {
    const env = { ...process.env, METHOD: method }
    const result = await new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [compiledProgram('children-flush')],
        { env },
        (_error, stdout) => resolve({ code: child.exitCode, stdout }),
      )
    })
    expect(result).toEqual({ code: 0, stdout: '101' })
  })
})
