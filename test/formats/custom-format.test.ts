import { describe, expect, it } from '@jest/globals'
import type { Format } from '#src/formats/format.js'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { memory } from '#src/sinks/memory.js'
import { runScript } from '../helpers/child-process.js'
import { HOST } from '../helpers/origin.js'

describe('a format function', () => {
  it('determines the object that is written as the line', () => {
    const sink = memory()
    const format: Format = (record) => ({
      '@timestamp': record.time,
      message: record.message,
      _id: record.id,
    })
    new AuditLogger({ sink, format }).info('List Person').sendLog()
    expect(sink.records()).toEqual([
      { '@timestamp': expect.any(String), message: 'List Person', _id: expect.stringMatching(/-\d+$/) },
    ])
    expect(sink.lines[0]).toMatch(/^[^\n]+\n$/)
  })

  it('receives the complete record, and the line has the same order of keys', () => {
    const sink = memory()
    const format: Format = (record) => ({ ...record, type: record.type, first: false })
    new AuditLogger({ sink, format }).setResults([1]).warning('w').sendLog()
    const [record] = sink.records()
    expect(record).toMatchObject({ results: [1], type: 'WARNING', message: 'w', outcome: 'unknown' })
    expect(Object.keys(record).slice(0, 7)).toEqual([
      'http_request',
      'http_response',
      'user',
      'filter',
      'results',
      'type',
      'message',
    ])
    expect(Object.keys(record).at(-1)).toBe('first')
  })

  it('is not called for a record below the level', () => {
    const formatted: unknown[] = []
    const format: Format = (record) => {
      formatted.push(record)
      return {}
    }
    new AuditLogger({ sink: memory(), level: 'error', format }).info('x').sendLog()
    expect(formatted).toEqual([])
  })

  it.each<[string, object, object]>([
    ['undefined', { a: undefined, b: 1 }, { b: 1 }],
    ['a Date', { a: new Date(0) }, { a: '1970-01-01T00:00:00.000Z' }],
    ['a Map', new Map([['a', 1]]), { a: 1 }],
    ['an object with toJSON', { toJSON: () => ({ a: 1 }) }, { a: 1 }],
    ['a text with line feeds', { a: 'b\nc' }, { a: 'b\nc' }],
    ['a key named __proto__', JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
  ])('may return %s', (_name, returned, expected) => {
    const sink = memory()
    new AuditLogger({ sink, format: () => returned }).sendLog()
    expect(sink.records()).toEqual([expected])
    expect(sink.lines[0]).toMatch(/^[^\n]+\n$/)
  })
})

/** Sends three requests to a server with that format. Returns the records on its stdout and the lines on its stderr. */
async function serveThree(format: string): Promise<{ records: unknown[]; errors: string[] }> {
  const script = `
    import http from 'node:http'
    import { auditLog } from 'http-audit-log'
    const audit = auditLog({ format: ${format} })
    const server = http.createServer((request, response) => {
      audit(request, response).info('Hello')
      response.end('hello')
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    for (const path of ['/1', '/2', '/3']) {
      const response = await fetch('http://127.0.0.1:' + server.address().port + path)
      if (response.status !== 200 || (await response.text()) !== 'hello') process.exitCode = 1
    }
    server.close()
    server.closeAllConnections()
  `
  const { stdout, stderr } = await runScript(script)
  const linesOf = (text: string) => text.split('\n').filter((line) => line !== '')
  return { records: linesOf(stdout).map((line) => JSON.parse(line)), errors: linesOf(stderr) }
}

const defaultRecord = (seq: number) => ({
  audit: {
    http_request: { method: 'GET', url: expect.stringMatching(`/${seq}$`), user_agent: expect.any(String) },
    http_response: { status_code: 200, reason: 'OK', headers: expect.any(Object) },
    user: expect.objectContaining({ authenticated: false }),
    filter: null,
    results: null,
    type: 'INFO',
    message: 'Hello',
    time: expect.any(String),
    duration_ms: expect.any(Number),
    outcome: 'success',
    ended: 'completed',
    request_id: expect.any(String),
    trace_id: null,
    run: expect.any(String),
    seq,
    id: expect.stringMatching(`-${seq}$`),
    host: HOST,
  },
})

describe('a format function that fails: records are written in the default format, with one error on stderr', () => {
  it.each([
    ['throws', `() => { throw new Error('no\\nformat') }`, 'Error: no format'],
    ['throws undefined', '() => { throw undefined }', ''],
    [
      'throws a revoked proxy',
      '() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy }',
      '',
    ],
    [
      'makes the record circular and throws',
      '(record) => { record.self = record; record.results = 1n; throw 1 }',
      '',
    ],
    [
      'empties the record and throws',
      '(record) => { for (const key in record) delete record[key]; throw 1 }',
      '',
    ],
    ['returns a string', `() => 'a line'`, "'a line'"],
    ['returns an array', `() => ['a line']`, ''],
    ['returns undefined', '() => {}', ''],
    ['returns null', '() => null', 'null'],
    ['returns a number', '() => 5', '5'],
    ['returns a BigInt', '() => 5n', '5'],
    ['returns a function', '() => () => ({})', ''],
    ['returns an object whose toJSON throws', '() => ({ toJSON() { throw 1 } })', ''],
    ['returns a promise', 'async (record) => ({ message: record.message })', ''],
    ['returns a promise that rejects', `async () => { throw new Error('too late') }`, ''],
  ])('%s', async (_name, format, detail) => {
    const { records, errors } = await serveThree(format)
    expect(records).toEqual([defaultRecord(1), defaultRecord(2), defaultRecord(3)])
    expect(errors).toEqual([expect.stringContaining('[ERR_AUDIT_FORMAT]')])
    expect(errors[0]).toContain(detail)
  })
})

describe('a format function that returns values JSON cannot represent: they are written as text, without an error', () => {
  it.each([
    ['a BigInt', '({ seq }) => ({ seq, big: 10n })', { big: '10' }],
    [
      'a circular reference',
      '({ seq }) => { const line = { seq }; line.self = line; return line }',
      { self: '[Circular]' },
    ],
    [
      'a getter that throws',
      '({ seq }) => ({ seq, get broken() { throw new Error() } })',
      { broken: '[Unreadable]' },
    ],
  ])('%s', async (_name, format, expected) => {
    const { records, errors } = await serveThree(format)
    expect(records).toEqual([1, 2, 3].map((seq) => ({ seq, ...expected })))
    expect(errors).toEqual([])
  })
})
