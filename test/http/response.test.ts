import type { RequestListener } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { runScript } from '../helpers/child-process.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

/**
 * Runs a handler with and without the middleware. Returns the bytes that the client receives, and the recorded
 * response.
 */
async function compare(handler: RequestListener) {
  const sink = memory()
  const audit = auditLog({ sink, redact: false })
  const audited = await readRaw((request, response) => {
    audit(request, response)
    handler(request, response)
  })
  const [record] = await sink.waitFor(1)
  return { audited, unaudited: await readRaw(handler), response: record.audit.http_response }
}

async function readRaw(handler: RequestListener): Promise<string> {
  const { port } = await startServer(handler)
  const client = connect(port, '127.0.0.1')
  client.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  const chunks: Buffer[] = await client.toArray()
  return Buffer.concat(chunks)
    .toString('latin1')
    .replace(/Date: .*/, 'Date: now')
}

describe('http_response', () => {
  it.each<[string, RequestListener, object]>([
    [
      'pairs',
      (_, response) =>
        response
          .writeHead(200, [
            ['Set-Cookie', 'a'],
            ['Set-Cookie', 'b'],
          ] as never)
          .end('x'),
      { 'set-cookie': ['a', 'b'] },
    ],
    [
      'a flat array',
      (_, response) => response.writeHead(200, ['X-One', '1', 'x-one', '2']).end('x'),
      { 'x-one': ['1', '2'] },
    ],
    [
      'an object that overrides earlier headers',
      (_, response) => {
        response.setHeader('X-One', 'early')
        response.writeHead(200, { 'x-one': 'late' }).end('x')
      },
      { 'x-one': 'late' },
    ],
    [
      'a single cookie',
      (_, response) => response.setHeader('Set-Cookie', 'a=1').end('x'),
      { 'set-cookie': ['a=1'] },
    ],
    [
      'a header named __proto__',
      (_, response) => response.setHeader('__proto__', 'x').end('x'),
      JSON.parse('{"__proto__":"x"}'),
    ],
    [
      'a value with a colon',
      (_, response) => response.setHeader('Link', '<https://example.org:8080/>; rel=next').end('x'),
      { link: '<https://example.org:8080/>; rel=next' },
    ],
    ['an empty value', (_, response) => response.setHeader('X-Empty', '').end('x'), { 'x-empty': '' }],
  ])(
    'has the headers that were sent for %s, without changing the bytes of the response',
    async (_case, handler, headers) => {
      const { audited, unaudited, response } = await compare(handler)
      expect(audited).toBe(unaudited)
      expect(response).toMatchObject({ status_code: 200, reason: 'OK' })
      for (const [name, value] of Object.entries(headers))
        expect(Object.entries(response.headers)).toContainEqual([name, value])
    },
  )

  it('has the final status after 103 Early Hints', async () => {
    const { response } = await compare((_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
      response.statusCode = 201
      response.end('x')
    })
    expect(response.status_code).toBe(201)
  })

  it('has headers with the names of properties that JavaScript objects inherit', async () => {
    const names = ['constructor', '__proto__', 'tostring', 'hasownproperty', 'valueof', '7']
    const { response } = await compare((_, response) => {
      response
        .writeHead(
          200,
          names.flatMap((name) => [name, `of ${name}`]),
        )
        .end('x')
    })
    for (const name of names) {
      expect(Object.getOwnPropertyDescriptor(response.headers, name)?.value).toBe(`of ${name}`)
    }
  })

  it('has the headers of its own response, not those of earlier responses', async () => {
    const sink = memory()
    const audit = auditLog({ sink, redact: false })
    const sent = [
      { Vary: 'a', 'X-Two': 'b' },
      { Vary: 'a', 'X-Two': 'b' },
      { Vary: 'a', 'X-Two': 'b' },
      // Longer than the value of the previous response.
      { Vary: 'ab', 'X-Two': 'b' },
      { Vary: 'b', 'X-Two': 'a' },
      { 'X-Two': 'a' },
      { 'x-two': 'a', vary: 'b' },
      { Vary: ' b', 'X-Two': 'a: b' },
      ...Array.from({ length: 500 }, (_, index) => ({ Vary: `${index >> 1}`, 'X-Two': `${index}` })),
    ]
    let served = 0
    const { url } = await startServer((request, response) => {
      audit(request, response)
      response.writeHead(200, sent[served++]).end('x')
    })
    for (const _ of sent) await (await fetch(url)).text()
    const records = await sink.waitFor(sent.length)
    const recorded = records.map(({ audit: { http_response } }) => {
      const { vary: one, 'x-two': two } = http_response.headers as Record<string, string>
      return { ...(one !== undefined && { one }), two }
    })
    expect(recorded).toEqual(
      sent.map((headers) => {
        const { vary: one, 'x-two': two } = Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]),
        )
        return { ...(one !== undefined && { one }), two }
      }),
    )
  })

  it.each([
    'HTTP/1.1 200 OK\r\nVary: a',
    'HTTP/1.1 200 OK\r\nVary: a\r\nVary',
    'HTTP/1.1 200 OK\r\nVary\r\nX: 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\n: a\r\nX: 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nVary: a\r\n\r\n{"diary":"private"}\r\n',
    'HTTP/1.1 200 OK',
    '',
  ])('is not corrupted by a header block that an application has replaced: %j', async (block) => {
    const sink = memory()
    const audit = auditLog({ sink })
    let served = 0
    const { url } = await startServer((request, response) => {
      audit(request, response)
      response.sendDate = false
      response.writeHead(200, { vary: 'abc' })
      if (served++ === 0) response.on('finish', () => Object.assign(response, { _header: block }))
      response.end('x')
    })
    await (await fetch(url)).text()
    await (await fetch(url)).text()
    const [first, second] = await sink.waitFor(2)
    expect(first.audit.ended).toBe('completed')
    expect(JSON.stringify(first)).not.toContain('private')
    expect(second.audit.http_response?.headers).toMatchObject({ vary: 'abc' })
    const names = Object.keys(second.audit.http_response?.headers ?? {})
    expect(names).not.toContain('bc\r')
    expect(names).not.toContain('')
  })

  it('falls back to getHeaders() on a runtime without the header block', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const { url } = await startServer((request, response) => {
      audit(request, response)
      response.setHeader('x-one', '1')
      response.on('finish', () => Object.assign(response, { _header: undefined }))
      response.end('x')
    })
    await (await fetch(url)).text()
    const [record] = await sink.waitFor(1)
    expect(record.audit.http_response).toMatchObject({
      status_code: 200,
      reason: 'OK',
      headers: { 'x-one': '1' },
    })
  })
})

it('records status null at process exit for a mock request without a connection', async () => {
  const { stdout } = await runScript(`
    import { IncomingMessage, ServerResponse } from 'node:http'
    import { auditLog } from 'http-audit-log'
    const request = new IncomingMessage(null)
    auditLog()(request, new ServerResponse(request))
    process.exit()`)
  expect(JSON.parse(stdout).audit).toMatchObject({
    ended: 'crashed',
    http_response: { status_code: null },
  })
})
