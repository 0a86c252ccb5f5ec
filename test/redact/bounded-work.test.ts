// What a value costs is bounded by the room of a record, whatever a client puts into the value.
import { get } from 'node:http'
import { afterAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { AuditLogger, auditLog, memory } from 'http-audit-log'
import { createRedactor } from '#src/redact/redactor.js'
import { takesAtMostMs } from '../helpers/cpu-time.js'
import { startServer, stopServers } from '../helpers/servers.js'

const MAX_BYTES = 16 * 1024
const MB = 2 ** 20
/** A value that is examined as far as there is room takes some milliseconds, and one that is examined in full seconds. */
const MAX_MS = 250

const redactor = createRedactor({ redact: {}, pseudonymize: undefined, maxRecordBytes: MAX_BYTES })
const redact = (value: unknown) => redactor.redactValue(value, 'results')

const fill = (piece: string, length: number) => piece.repeat(Math.ceil(length / piece.length))
const list = (bytes: number, text: string) =>
  Array.from({ length: Math.ceil(bytes / text.length) }, () => text)

describe('a value of 8 MB costs no more than its beginning', () => {
  it.each<[string, unknown]>([
    ['JSON texts with a long secret', list(8 * MB, `{"password":"${fill('x', 1000)}"}`)],
    ['JSON texts of blanks', list(8 * MB, `{${fill(' ', 1000)}}`)],
    ['JSON texts with a key many times', list(8 * MB, `{${fill('"a":"b=1",', 1000)}"a":1}`)],
    ['JSON texts of many levels', list(8 * MB, `${fill('[', 500)}${fill(']', 500)}`)],
    ['JSON texts with huge numbers', list(8 * MB, `[${fill('9', 1000)}]`)],
    ['JSON texts with a prototype', list(8 * MB, `{"__proto__":{${fill('"a":1,', 1000)}"token":"x"}}`)],
    [
      'JSON in JSON in JSON',
      list(8 * MB, JSON.stringify(JSON.stringify(JSON.stringify({ pin: fill('x', 999) })))),
    ],
    ['JSON texts that are not complete', list(8 * MB, `[{"password":"${fill('x', 1000)}…[+9 characters]`)],
    [
      'JSON texts as keys',
      Object.fromEntries(
        Array.from({ length: 8000 }, (_, id) => [`{"password":"${id}${fill('x', 1000)}"}`, 1]),
      ),
    ],
    ['one JSON text of many levels', `${fill('[', 4 * MB)}${fill(']', 4 * MB)}`],
    ['one JSON text with a long secret', `{"password":"${fill('x', 8 * MB)}"}`],
  ])('%s', (_title, value) => {
    expect(takesAtMostMs(MAX_MS, () => redact(value))).toBe(true)
    const { content, isTruncated } = redact(value)
    expect(isTruncated).toBe(true)
    expect(JSON.stringify(content).length).toBeLessThan(6 * MAX_BYTES)
  })
})

it('a list of JSON texts that fits is redacted to its end', () => {
  const texts = Array.from({ length: 100 }, (_, id) => JSON.stringify({ id, password: 'geheim' }))
  const redacted = Array.from({ length: 100 }, (_, id) => JSON.stringify({ id, password: '[REDACTED]' }))
  expect(redact(texts)).toMatchObject({ content: redacted, isTruncated: false })
})

describe('headers that the application sets are cut to the room of a record before they are searched', () => {
  afterAll(stopServers)

  async function recordHeaders(headers: Record<string, string | string[]>) {
    const sink = memory()
    const codes: string[] = []
    const app = express()
    app.use(auditLog({ sink, onError: ({ code }) => codes.push(code) }))
    let ms = Number.POSITIVE_INFINITY
    app.use((_request, response) => {
      response.set(headers)
      const before = process.cpuUsage()
      response.on('close', () => {
        ms = process.cpuUsage(before).user / 1000
      })
      response.end()
    })
    const { port } = await startServer(app)
    await new Promise<void>((resolve, reject) => {
      get({ port, maxHeaderSize: 2 ** 26 }, (response) => response.resume().on('end', resolve)).on(
        'error',
        reject,
      )
    })
    await sink.waitFor(1)
    const line = sink.lines[0] as string
    return { record: sink.last().audit, line, codes, ms }
  }

  it.each([
    ['parameters', fill('a=b&', 8 * MB)],
    ['settings', fill('a=b; ', 8 * MB)],
    ['a tag with quotes', `<a ${fill('a"b"', 8 * MB)}`],
    ['tokens', fill('eyJ', 8 * MB)],
    ['a quoted password', ` password="${fill('\\"', 8 * MB)}`],
    ['JSON', `["${fill('\\"', 8 * MB)}`],
    ['a URL', `https://example.org/?${fill('b=c&', 8 * MB)}`],
  ])('8 MB of %s', async (_title, value) => {
    const { record, line, codes } = await recordHeaders({ 'X-First': 'a', 'X-Long': value, 'X-Last': 'b' })
    expect(codes).toEqual([])
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(MAX_BYTES)
    expect(record.truncated).toContain('http_response.headers')
    expect(record.http_response?.status_code).toBe(200)
  })

  it('counts all headers, and keeps the first ones', async () => {
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, id) => [`X-${id}`, 'value']))
    const { record } = await recordHeaders({ 'X-First': 'a', ...many, 'X-Token': 'geheim' })
    const headers = record.http_response?.headers as { count: number; kept: Record<string, string> }
    expect(headers.count).toBeGreaterThan(3000)
    expect(headers.kept).toMatchObject({ 'x-first': 'a', 'x-7': 'value' })
  })

  it('hides a secret that is cut', async () => {
    const { line } = await recordHeaders({
      'X-Padding': fill('x ', MAX_BYTES - 300),
      'X-Data': `{"a":"https://jan:geheim${fill('geheim', 500)}@example.org/"}`,
    })
    expect(line).not.toContain('geheim')
  })
})

it.each([
  ['many short names', `?${fill('a=&', 200)}`, `/?${fill('a=&', 15_000)}`],
  ['many segments', fill('/a', 200), fill('/a', 15_000)],
  ['many short words', `?${fill('a.', 200)}`, `/?${fill('a-', 15_000)}!`],
])('a URL of %s costs little, also behind an origin that is known to be harmless', (_title, short, long) => {
  const send = (target: string) =>
    new AuditLogger({ sink: memory() })
      .setHttpRequest({ method: 'GET', url: `https://example.org${target}`, userAgent: '' })
      .sendLog()
  for (const target of ['/', `/${short}`, `/${short}!`, long])
    expect(takesAtMostMs(MAX_MS, () => send(target))).toBe(true)
})
