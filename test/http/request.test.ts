import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { buildAbsoluteUrl, createRequestDraft, normalizeIp, type RequestSource } from '#src/http/request.js'
import { ensureRequestId } from '#src/http/request-id.js'
import { parseTraceparent } from '#src/http/trace-context.js'

/** Generous: it tells linear work from work that grows with the square of the input. */
const PROMPT_MS = 2000
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const socket = { localAddress: '192.0.2.1', localPort: 3000 } as Socket

function urlOf(source: Partial<RequestSource>, from: Socket | undefined = socket): string {
  return buildAbsoluteUrl(
    { scheme: 'http', host: 'example.org', target: '/', ip: undefined, ...source },
    from,
  )
}

function headersOf(headers: Record<string, unknown>): IncomingHttpHeaders {
  return headers as IncomingHttpHeaders
}

describe('the URL', () => {
  it.each([
    [{ target: '/persons?last_name=Jansen' }, 'http://example.org/persons?last_name=Jansen'],
    [{ scheme: 'https' }, 'https://example.org/'],
    [{ target: '/a%20b/../c?d=e#f' }, 'http://example.org/a%20b/../c?d=e#f'],
    [{ target: '//evil.example/x' }, 'http://example.org//evil.example/x'],
    [{ target: '/http://evil.example/' }, 'http://example.org/http://evil.example/'],
  ])('of %p is %s', (source, url) => {
    expect(urlOf(source)).toBe(url)
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
  ])('has the host that came: %s', (host) => {
    expect(urlOf({ host })).toBe(`http://${host}/`)
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
  ])('has the address that was connected to where the host is %p', (host) => {
    expect(urlOf({ host, target: '/persons' })).toBe('http://192.0.2.1:3000/persons')
  })

  it.each<[string, object | undefined, string]>([
    ['IPv4', { localAddress: '127.0.0.1', localPort: 80 }, 'http://127.0.0.1:80/'],
    ['IPv6', { localAddress: '::1', localPort: 3000 }, 'http://[::1]:3000/'],
    ['a socket that was closed, or of a path', {}, 'http://localhost/'],
    ['no socket', undefined, 'http://localhost/'],
  ])('without a host shows %s', (_name, from, url) => {
    expect(buildAbsoluteUrl({ scheme: 'http', host: undefined, target: '/', ip: '' }, from as Socket)).toBe(
      url,
    )
  })

  it.each([
    'http://example.com/persons?q=1',
    'https://example.com',
    'HTTP://[::1]:80/',
    'http://example.com:8080/a?b#c',
  ])('of a target in absolute form is the target: %s', (target) => {
    expect(urlOf({ host: 'other.example', target })).toBe(target)
  })

  it('of `OPTIONS *` has no path', () => {
    expect(urlOf({ target: '*' })).toBe('http://example.org')
    expect(urlOf({ target: '*', host: undefined })).toBe('http://192.0.2.1:3000')
  })

  it.each(['', 'ht tp', 'http://', '1http', 'http\n', 'javascript:', '"><'])(
    'has a scheme that is one where a proxy says %p',
    (scheme) => {
      expect(urlOf({ scheme })).toBe('http://example.org/')
    },
  )

  it.each(['', '.evil.example/x', '@evil.example/', ':81/', '?q=1', '#x', 'persons', '\\x'])(
    'keeps its host whatever the target begins with: %p',
    (target) => {
      expect(new URL(urlOf({ target })).host).toBe('example.org')
    },
  )
})

describe('the ip', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['::1', '::1'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['::ffff:c000:207', '::ffff:c000:207'],
    ['64:ff9b::192.0.2.7', '64:ff9b::192.0.2.7'],
    ['', ''],
    [undefined, ''],
  ])('of %p is %p', (ip, described) => {
    expect(normalizeIp(ip)).toBe(described)
  })
})

function requestId(headers: IncomingHttpHeaders, header: string): string | null {
  const source = { scheme: 'http', host: 'example.org', target: '/', ip: '192.0.2.7' }
  const draft = createRequestDraft({ method: 'GET', headers, socket } as IncomingMessage, source, header)
  ensureRequestId(draft)
  return draft.request_id
}

describe('the request id', () => {
  it.each([
    'a',
    '0',
    'f058ebd6-02f7-4d3f-942e-904344e8cde5',
    'Root=1-67891233-abcdef012345678912345678',
    'dGhlIHNhbXBsZSBub25jZQ==',
    'a.b_c~d:e@f+g/h',
    'x'.repeat(128),
  ])('is the one the client gave: %s', (id) => {
    expect(requestId(headersOf({ 'x-request-id': id }), 'x-request-id')).toBe(id)
  })

  it.each<[string, unknown]>([
    ['absent', undefined],
    ['empty', ''],
    ['too long', 'x'.repeat(129)],
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['two in one', 'a, b'],
    ['an array', ['a', 'b']],
    ['an array of one', ['a']],
    ['with a line feed', 'a\nb'],
    ['with a line feed at its end', 'a\n'],
    ['with a carriage return', 'a\r'],
    ['with a line separator', 'a\u2028b'],
    ['with a next line', 'a\u0085b'],
    ['with a tab', 'a\tb'],
    ['with a NUL', 'a\0'],
    ['with an escape', '\u001b[31m'],
    ['with quotes', '"a"'],
    ['with braces', '{"$gt":""}'],
    ['with markup', '<b>'],
    ['not ASCII', 'é'],
    ['only blanks', '   '],
  ])('is a new UUID where the given one is %s', (_name, id) => {
    expect(requestId(headersOf({ 'x-request-id': id }), 'x-request-id')).toMatch(UUID)
  })

  it('is read from the header that was asked for', () => {
    const headers = headersOf({ 'x-request-id': 'one', 'x-correlation-id': 'two' })
    expect(requestId(headers, 'x-correlation-id')).toBe('two')
    expect(requestId(headers, 'x-other')).toMatch(UUID)
  })

  it.each(['constructor', '__proto__', 'toString'])(
    'is a new UUID where the header is called %s',
    (header) => {
      expect(requestId(headersOf({}), header)).toMatch(UUID)
    },
  )

  it('is another one for each request', () => {
    const ids = Array.from({ length: 100 }, () => requestId(headersOf({}), 'x-request-id'))
    expect(new Set(ids).size).toBe(100)
  })
})

describe('the trace id', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const parent = '00f067aa0ba902b7'
  const ofTraceparent = (traceparent: unknown) => parseTraceparent(headersOf({ traceparent })).trace_id

  // https://www.w3.org/TR/trace-context/#traceparent-header
  it.each([
    ['sampled', `00-${trace}-${parent}-01`],
    ['not sampled', `00-${trace}-${parent}-00`],
    ['unknown flags', `00-${trace}-${parent}-ff`],
    ['a later version', `01-${trace}-${parent}-01`],
    ['a later version with more to it', `cc-${trace}-${parent}-01-what-the-future-will-be-like`],
    ['a later version with nothing more to it', `fe-${trace}-${parent}-01-`],
  ])('is that of a valid traceparent: %s', (_name, traceparent) => {
    expect(ofTraceparent(traceparent)).toBe(trace)
  })

  it.each<[string, unknown]>([
    ['absent', undefined],
    ['empty', ''],
    ['version ff', `ff-${trace}-${parent}-01`],
    ['version in upper case', `CC-${trace}-${parent}-01`],
    ['version that is no hex', `.0-${trace}-${parent}-01`],
    ['version too short', `0-${trace}-${parent}-01`],
    ['version too long', `000-${trace}-${parent}-01`],
    ['trace id all zeros', `00-${'0'.repeat(32)}-${parent}-01`],
    ['trace id in upper case', `00-${trace.toUpperCase()}-${parent}-01`],
    ['trace id that is no hex', `00-${trace.slice(1)}g-${parent}-01`],
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
    ['version 00 with more to it', `00-${trace}-${parent}-01-what-the-future-will-be-like`],
    ['version 00 with a dash to it', `00-${trace}-${parent}-01-`],
    ['a later version with more to it without a dash', `cc-${trace}-${parent}-01.what`],
    ['blanks before it', ` 00-${trace}-${parent}-01`],
    ['a line feed after it', `00-${trace}-${parent}-01\n`],
    ['two of them', `00-${trace}-${parent}-01, 00-${trace}-${parent}-01`],
    ['an array', [`00-${trace}-${parent}-01`]],
    ['other separators', `00_${trace}_${parent}_01`],
  ])('is null where the traceparent is invalid: %s', (_name, traceparent) => {
    expect(ofTraceparent(traceparent)).toBeNull()
  })
})

describe('a hostile megabyte is read in linear time', () => {
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

  it.each(units)('%p, again and again', (unit) => {
    const long = unit.repeat(1_000_000 / unit.length)
    const startedAt = performance.now()
    for (const hostile of [
      long,
      `${long}!`,
      `[${long}`,
      `[${long}]!`,
      `::ffff:${long}`,
      `00-${long}`,
      `a${long}:`,
    ]) {
      urlOf({ scheme: hostile, host: hostile, target: hostile })
      normalizeIp(hostile)
      requestId(headersOf({ id: hostile }), 'id')
      parseTraceparent(headersOf({ traceparent: hostile }))
    }
    expect(performance.now() - startedAt).toBeLessThan(PROMPT_MS)
  })
})
