import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { stream } from '#src/sinks/stream.js'
import { runScript } from '../helpers/child-process.js'

describe('stream()', () => {
  it('writes each line whole and in order', async () => {
    const chunks: string[] = []
    const writable = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(String(chunk))
        done()
      },
    })
    const sink = stream(writable)
    await Promise.all([
      sink.write('{"seq":1}\n'),
      sink.write('{"seq":2}\n'),
      sink.write('{"text":"é\u2028"}\n'),
    ])
    expect(chunks).toEqual(['{"seq":1}\n', '{"seq":2}\n', '{"text":"é\u2028"}\n'])
  })

  it('works as the sink of an AuditLogger', () => {
    const writable = new PassThrough({ encoding: 'utf8' })
    new AuditLogger({ sink: stream(writable) }).info('List Person').sendLog()
    const line: string = writable.read()
    expect(line).toMatch(/^[^\n]+\n$/)
    expect(JSON.parse(line).audit.message).toBe('List Person')
  })

  it('accepts a line when the stream has written it, not when the stream has buffered it', async () => {
    const pending: (() => void)[] = []
    const writable = new Writable({ write: (_chunk, _encoding, done) => void pending.push(done) })
    const events: string[] = []
    const accepted = Promise.resolve(stream(writable).write('{}\n')).then(() => events.push('accepted'))
    await new Promise(setImmediate)
    events.push('written')
    pending[0]?.()
    await accepted
    expect(events).toEqual(['written', 'accepted'])
  })

  it.each<[string, RegExp, () => Writable]>([
    [
      'fails',
      /^disk full$/,
      () => new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) }),
    ],
    [
      'throws',
      /^disk full$/,
      () =>
        new Writable({
          write() {
            throw new Error('disk full')
          },
        }),
    ],
    ['was destroyed', /destroyed/, () => new PassThrough().destroy()],
    ['was ended', /after end/, () => new PassThrough().end()],
  ])('rejects a line when the stream %s', async (_name, message, make) => {
    const sink = stream(make())
    await expect(sink.write('{}\n')).rejects.toMatchObject({ message: expect.stringMatching(message) })
  })

  it.each([undefined, null, 'audit.log', {}, () => {}])('throws ERR_AUDIT_OPTIONS for %p', (value) => {
    expect(() => stream(value as never)).toThrow(expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS' }))
  })
})

/** Sends three requests to a server that writes its records to this stream. Returns what its process printed. */
async function serveThree(makeStream: string): Promise<{ stdout: string; messages: string[] }> {
  const script = `
    import { createWriteStream } from 'node:fs'
    import http from 'node:http'
    import { PassThrough, Writable } from 'node:stream'
    import { auditLog, stream } from 'http-audit-log'
    const writable = ${makeStream}
    const audit = auditLog({ sink: stream(writable) })
    const server = http.createServer((request, response) => {
      audit(request, response).info('Hello')
      response.end('hello')
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    for (const path of ['/1', '/2', '/3']) {
      const answer = await fetch('http://127.0.0.1:' + server.address().port + path)
      console.log(answer.status, await answer.text())
    }
    server.close(() => console.log('closed'))
    server.closeAllConnections()
  `
  const { stdout, stderr } = await runScript(script)
  return { stdout, messages: stderr.split('\n').filter((line) => line !== '') }
}

describe('a stream that fails does not affect a request, and is reported on stderr at the first failure and at exit', () => {
  it.each([
    [
      'fails each write',
      `new Writable({ write: (c, e, done) => done(new Error('disk full')) })`,
      'disk full',
    ],
    [
      'fails each write without being destroyed',
      `new Writable({ autoDestroy: false, write: (c, e, done) => done(new Error('disk full')) })`,
      'disk full',
    ],
    [
      'fails asynchronously',
      `new Writable({ write: (c, e, done) => setTimeout(done, 5, new Error('disk full')) })`,
      'disk full',
    ],
    ['throws', `new Writable({ write() { throw new Error('disk full') } })`, 'disk full'],
    ['cannot be opened', `createWriteStream('/no/such/folder/audit.log')`, 'ENOENT'],
    ['was destroyed', 'new PassThrough().destroy()', 'destroyed'],
    ['was ended', 'new PassThrough().end()', 'write after end'],
    ['was destroyed with an error', `new PassThrough().destroy(new Error('gone'))`, 'gone'],
  ])('%s', async (_name, makeStream, cause) => {
    const { stdout, messages } = await serveThree(makeStream)
    expect(stdout).toBe('200 hello\n200 hello\n200 hello\nclosed\n')
    expect(messages).toEqual([
      expect.stringMatching(/\[ERR_AUDIT_SINK\] The sink failed to write a record/),
      expect.stringMatching(/\[ERR_AUDIT_SINK\] The process exits and 3 records were not written/),
    ])
    expect(messages[0]).toContain(cause)
  })

  it('reports at exit the records for which the stream has not answered', async () => {
    const { messages } = await serveThree('new Writable({ write() {} })')
    expect(messages).toEqual([
      expect.stringMatching(
        /The process exits and 3 records were not written.*: the sink has not answered for them/,
      ),
    ])
  })

  it('reports nothing for a stream that works', async () => {
    const { stdout, messages } = await serveThree('new Writable({ write: (c, e, done) => done() })')
    expect(stdout).toBe('200 hello\n200 hello\n200 hello\nclosed\n')
    expect(messages).toEqual([])
  })
})
