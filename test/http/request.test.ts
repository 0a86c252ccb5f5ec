import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { normalizeIp } from '#src/http/ip-address.js'
import { describeReceivedRequest, type RequestSource } from '#src/http/request.js'
import { readClientRequestId } from '#src/http/request-id.js'
import { parseTraceparent } from '#src/http/trace-context.js'
import { takesAtMostMs } from '../helpers/cpu-time.js'

/** Generous: only quadratic work on a megabyte takes longer. */
const PROMPT_MS = 2000
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const noHost = { scheme: 'http', host: undefined, target: '/', ip: '' }
const socket = { localAddress: '192.0.2.1', localPort: 3000 } as Socket

function buildUrl(source: Partial<RequestSource>, from: Socket | undefined = socket): string {
  const whole = { scheme: 'http', host: 'example.org', target: '/', ip: undefined, ...source }
  return describeReceivedRequest(whole, 'GET', { headers: {}, socket: from as Socket }).url
}

function asHeaders(headers: Record<string, unknown>): IncomingHttpHeaders {
  return headers as IncomingHttpHeaders
}

// The first test of the file: no origin is remembered yet.
it('has the local address if neither scheme nor host is known', () => {
  expect(buildUrl({ scheme: '', host: '', target: '//evil.example/a' })).toBe(
    'http://192.0.2.1:3000//evil.example/a',
  )
})

describe('the URL of a request', () => {
  it.each([
    [{ target: '/persons?last_name=Jansen' }, 'http://example.org/persons?last_name=Jansen'],
    [{ scheme: 'https' }, 'https://example.org/'],
    [{ target: '/a%20b/../c?d=e#f' }, 'http://example.org/a%20b/../c?d=e#f'],
    [{ target: '//evil.example/x' }, 'http://example.org//evil.example/x'],
    [{ target: '/http://evil.example/' }, 'http://example.org/http://evil.example/'],
  ])('combines scheme, host and target: %p gives %s', (source, url) => {
    expect(buildUrl(source)).toBe(url)
  })

  it.each([
    'example.org',
    'EXAMPLE.org',
    'example.org:8080',
    'example.org.',
    'localhost',
    'xn--bcher-kva.example',
    '192.0.2.7:80',
    '[::1]',
    '[2001:db8::1]:8443',
    '[::ffff:192.0.2.7]:80',
    'a_b-c~d',
  ])('uses a valid Host header: %s', (host) => {
    expect(buildUrl({ host })).toBe(`http://${host}/`)
  })

  it.each([
    undefined,
    '',
    ' ',
    'example.org/evil',
    'example.org?x',
    'example.org#x',
    'user@example.org',
    'user:password@example.org',
    'example.org\\evil',
    'example.org, other.org',
    'exa mple.org',
    'example.org\n',
    'example.org\r\nX: y',
    'example.org\u2028',
    'exämple.org',
    'example.org:port',
    'example.org:123456',
    'example.org:80:81',
    '::1',
    '[::1',
    '::1]',
    '[]',
    '[::1]x',
    '[example.org]',
    '<script>',
    '"',
  ])('uses the local address of the connection when the Host header is invalid: %p', (host) => {
    expect(buildUrl({ host, target: '/persons' })).toBe('http://192.0.2.1:3000/persons')
  })

  it.each<[string, object | undefined, string]>([
    ['IPv4', { localAddress: '127.0.0.1', localPort: 80 }, 'http://127.0.0.1:80/'],
    ['IPv6', { localAddress: '::1', localPort: 3000 }, 'http://[::1]:3000/'],
    ['a closed socket, or a Unix socket', {}, 'http://localhost/'],
    ['no socket', undefined, 'http://localhost/'],
  ])('uses the local address of the connection without a Host header: %s', (_name, from, url) => {
    expect(describeReceivedRequest(noHost, 'GET', { headers: {}, socket: from as Socket }).url).toBe(url)
  })

  it.each([
    'http://example.com/persons?q=1',
    'https://example.com',
    'HTTP://[::1]:80/',
    'http://example.com:8080/a?b#c',
  ])('returns a target in absolute form unchanged: %s', (target) => {
    expect(buildUrl({ host: 'other.example', target })).toBe(target)
  })

  it('has no path for `OPTIONS *`', () => {
    expect(buildUrl({ target: '*' })).toBe('http://example.org')
    expect(buildUrl({ target: '*', host: undefined })).toBe('http://192.0.2.1:3000')
  })

  it.each(['', 'ht tp', 'http://', '1http', 'http\n', 'javascript:', '"><'])(
    'uses http when a proxy sends an invalid scheme: %p',
    (scheme) => {
      expect(buildUrl({ scheme })).toBe('http://example.org/')
    },
  )

  it.each(['', '.evil.example/x', '@evil.example/', ':81/', '?q=1', '#x', 'persons', '\\x'])(
    'keeps the host for a target that starts with something other than a slash: %p',
    (target) => {
      expect(new URL(buildUrl({ target })).host).toBe('example.org')
    },
  )
})

function requestId(headers: IncomingHttpHeaders, header: string): string | null {
  return readClientRequestId({ headers } as IncomingMessage, header)
}

describe('request_id', () => {
  it.each([
    'a',
    '0',
    'f058ebd6-02f7-4d3f-942e-904344e8cde5',
    'Root=1-67891233-abcdef012345678912345678',
    'dGhlIHNhbXBsZSBub25jZQ==',
    'a.b_c~d:e@f+g/h',
    'x'.repeat(128),
  ])('is the well-formed id that the client sent: %s', (id) => {
    expect(requestId(asHeaders({ 'x-request-id': id }), 'x-request-id')).toBe(id)
  })

  it.each<[string, unknown]>([
    ['missing', undefined],
    ['empty', ''],
    ['too long', 'x'.repeat(129)],
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['a list of two', 'a, b'],
    ['an array', ['a', 'b']],
    ['an array of one', ['a']],
    ['with a line feed', 'a\nb'],
    ['with a line feed at its end', 'a\n'],
    ['with a carriage return', 'a\r'],
    ['with a line separator', 'a\u2028b'],
    ['with a next-line character', 'a\u0085b'],
    ['with a tab', 'a\tb'],
    ['with a NUL', 'a\0'],
    ['with an escape', '\u001b[31m'],
    ['with quotes', '"a"'],
    ['with braces', '{"$gt":""}'],
    ['with markup', '<b>'],
    ['not ASCII', 'é'],
    ['only spaces', '   '],
    ['a token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2ln'],
  ])('is a new UUID when the id of the client is %s', (_name, id) => {
    expect(requestId(asHeaders({ 'x-request-id': id }), 'x-request-id')).toMatch(UUID)
  })

  it('is read from the configured header', () => {
    const headers = asHeaders({ 'x-request-id': 'one', 'x-correlation-id': 'two' })
    expect(requestId(headers, 'x-correlation-id')).toBe('two')
    expect(requestId(headers, 'x-other')).toMatch(UUID)
  })

  it.each(['constructor', '__proto__', 'toString'])(
    'is a new UUID when the configured header has the name of an inherited property: %s',
    (header) => {
      expect(requestId(asHeaders({}), header)).toMatch(UUID)
    },
  )

  it('is different for each request', () => {
    const ids = Array.from({ length: 100 }, () => requestId(asHeaders({}), 'x-request-id'))
    expect(new Set(ids).size).toBe(100)
  })
})

describe('parseTraceparent', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const parent = '00f067aa0ba902b7'
  const parseTraceId = (traceparent: unknown) => parseTraceparent(asHeaders({ traceparent })).trace_id

  // https://www.w3.org/TR/trace-context/#traceparent-header
  it.each([
    ['sampled', `00-${trace}-${parent}-01`],
    ['not sampled', `00-${trace}-${parent}-00`],
    ['unknown flags', `00-${trace}-${parent}-ff`],
    ['a later version', `01-${trace}-${parent}-01`],
    ['a later version with further fields', `cc-${trace}-${parent}-01-what-the-future-will-be-like`],
    ['a later version with an empty further field', `fe-${trace}-${parent}-01-`],
  ])('returns the trace id of a valid header: %s', (_name, traceparent) => {
    expect(parseTraceId(traceparent)).toBe(trace)
  })

  it.each<[string, unknown]>([
    ['missing', undefined],
    ['empty', ''],
    ['version ff', `ff-${trace}-${parent}-01`],
    ['version in upper case', `CC-${trace}-${parent}-01`],
    ['version that is not hexadecimal', `.0-${trace}-${parent}-01`],
    ['version too short', `0-${trace}-${parent}-01`],
    ['version too long', `000-${trace}-${parent}-01`],
    ['trace id all zeros', `00-${'0'.repeat(32)}-${parent}-01`],
    ['trace id in upper case', `00-${trace.toUpperCase()}-${parent}-01`],
    ['trace id that is not hexadecimal', `00-${trace.slice(1)}g-${parent}-01`],
    ['trace id too short', `00-${trace.slice(1)}-${parent}-01`],
    ['trace id too long', `00-${trace}0-${parent}-01`],
    ['parent id all zeros', `00-${trace}-${'0'.repeat(16)}-01`],
    ['parent id in upper case', `00-${trace}-${parent.toUpperCase()}-01`],
    ['parent id too short', `00-${trace}-${parent.slice(1)}-01`],
    ['parent id too long', `00-${trace}-${parent}0-01`],
    ['flags missing', `00-${trace}-${parent}`],
    ['flags empty', `00-${trace}-${parent}-`],
    ['flags too short', `00-${trace}-${parent}-1`],
    ['flags too long', `00-${trace}-${parent}-001`],
    ['flags in upper case', `00-${trace}-${parent}-0A`],
    ['version 00 with further fields', `00-${trace}-${parent}-01-what-the-future-will-be-like`],
    ['version 00 with a trailing dash', `00-${trace}-${parent}-01-`],
    ['a later version with further fields after a dot', `cc-${trace}-${parent}-01.what`],
    ['leading space', ` 00-${trace}-${parent}-01`],
    ['trailing line feed', `00-${trace}-${parent}-01\n`],
    ['two values', `00-${trace}-${parent}-01, 00-${trace}-${parent}-01`],
    ['an array', [`00-${trace}-${parent}-01`]],
    ['other separators', `00_${trace}_${parent}_01`],
  ])('returns null for an invalid header: %s', (_name, traceparent) => {
    expect(parseTraceId(traceparent)).toBeNull()
  })
})

describe('takes linear time for a hostile input of one megabyte', () => {
  const units = [
    'a',
    '0',
    '-',
    '.',
    ':',
    '[',
    '[:',
    ']',
    '%',
    '1.',
    'a.',
    '::ffff:',
    '00-',
    'http://',
    '/',
    ' ',
    '\0',
  ]

  it.each(units)('%p repeated', (unit) => {
    const long = unit.repeat(1_000_000 / unit.length)
    const readHostileValues = () => {
      for (const hostile of [
        long,
        `${long}!`,
        `[${long}`,
        `[${long}]!`,
        `::ffff:${long}`,
        `00-${long}`,
        `a${long}:`,
      ]) {
        buildUrl({ scheme: hostile, host: hostile, target: hostile })
        normalizeIp(hostile)
        requestId(asHeaders({ id: hostile }), 'id')
        parseTraceparent(asHeaders({ traceparent: hostile }))
      }
    }
    expect(takesAtMostMs(PROMPT_MS, readHostileValues)).toBe(true)
  })
})
