import { describe, expect, it, jest } from '@jest/globals'
import { createExemptionCheck, type Exemption } from '#src/http/exempt.js'
import type { Reporter } from '#src/lib/reporter.js'
import { serveOne } from '../helpers/serve-one.js'

/** Generous: it tells linear work from work that grows with the square of the input. */
const PROMPT_MS = 2000

function silentReporter() {
  return { report: jest.fn(), reportOnce: jest.fn(), notify: jest.fn() } satisfies Reporter
}

function isExempt(target: string, ...exempt: Exemption<object>[]): boolean {
  const reporter = silentReporter()
  const answer = createExemptionCheck({ exempt, reporter })({ source: { target }, context: {} })
  expect(reporter.reportOnce).not.toHaveBeenCalled()
  return answer
}

describe('a path', () => {
  it.each([
    ['/health', '/health'],
    ['/health', '/health?verbose=1'],
    ['/health', '/health#top'],
    ['/health', '/health/live'],
    ['/health', '/health/live/now?x=/persons'],
    ['/health/', '/health/'],
    ['/health/', '/health/live'],
    ['/a.b', '/a.b'],
    ['/a', '/a/..b'],
    ['/a', '/a/b..'],
    ['/a', '/a/.well-known'],
    ['/a', '/a/...'],
    ['/', '/persons'],
    ['/health', 'http://localhost/health'],
    ['/health', 'HTTPS://localhost:8080/health/live?x=1'],
    ['/health', 'http://[::1]:3000/health'],
  ])('%s exempts %s', (exemption, target) => {
    expect(isExempt(target, exemption)).toBe(true)
  })

  it.each([
    ['/health', '/'],
    ['/health', '/healthcare'],
    ['/health', '/health;a=b'],
    ['/health', '/health%20'],
    ['/health', '/HEALTH'],
    ['/health', '/persons/health'],
    ['/health/', '/health'],
    ['/a.b', '/aXb'],
    ['/health', ''],
    ['/health', '*'],
    ['/health', 'health'],
    ['/health', 'localhost:443'],
    ['/health', 'http://health'],
    ['/health', 'http://localhost/persons/http://localhost/health'],
  ])('%s does not exempt %s', (exemption, target) => {
    expect(isExempt(target, exemption)).toBe(false)
  })

  it('of a list is enough', () => {
    expect(isExempt('/b', '/a', '/b')).toBe(true)
    expect(isExempt('/c', '/a', '/b')).toBe(false)
  })

  it('is not needed: an empty list exempts nothing', () => {
    expect(isExempt('/')).toBe(false)
  })
})

describe('a regular expression', () => {
  it.each([
    [/^\/assets\/[^/]+\.css$/, '/assets/site.css'],
    [/^\/assets\/[^/]+\.css$/, '/assets/site.css?v=1'],
    [/\.png$/, '/a/b.png#x'],
    [/^\/HEALTH$/i, '/health'],
    [/^\/health$/, 'http://localhost/health'],
  ])('%s exempts %s', (exemption, target) => {
    expect(isExempt(target, exemption)).toBe(true)
  })

  it.each([
    [/^\/assets\/[^/]+\.css$/, '/assets/a/site.css'],
    [/^\/health$/, '/HEALTH'],
    [/localhost/, 'http://localhost/persons'],
    [/^http/, 'http://localhost/persons'],
  ])('%s does not exempt %s', (exemption, target) => {
    expect(isExempt(target, exemption)).toBe(false)
  })

  it.each(['g', 'y', 'gy', 'gi'])('with the flag %s answers each request alike', (flags) => {
    const pattern = new RegExp('/health', flags)
    const exempts = createExemptionCheck({ exempt: [pattern], reporter: silentReporter() })
    const answers = Array.from({ length: 5 }, () =>
      exempts({ source: { target: '/health/live' }, context: {} }),
    )
    expect(answers).toEqual([true, true, true, true, true])
    expect(pattern.lastIndex).toBe(0)
  })

  it('that is sticky still has to match from the start', () => {
    expect(isExempt('/health', /\/health/y)).toBe(true)
    expect(isExempt('/persons/health', /\/health/y)).toBe(false)
  })
})

describe('the query string', () => {
  it.each([
    '/persons?/health',
    '/persons?x=/health',
    '/persons?/../health',
    '/persons?#/health',
    '/persons#/health',
    '/persons#?/health',
    '?/health',
    'http://localhost?/health',
    'http://localhost#/health',
    'http://localhost/persons?next=http://localhost/health',
    'http://health.example/persons?x=/health',
  ])('cannot make %s exempt', (target) => {
    expect(isExempt(target, '/health', /\/?health/, /health$/)).toBe(false)
  })

  it('is no reason to record what is exempt', () => {
    expect(isExempt('/health?from=/a/../b//c%2f', '/health')).toBe(true)
  })
})

describe('a path that could be read in two ways is recorded', () => {
  it.each([
    '/health/../persons',
    '/health/..',
    '/health/.',
    '/health/./live',
    '/health/%2e%2e/persons',
    '/health/..;/persons',
    '/health/..;x=1/persons',
    '/health/..%3b/persons',
    '/health/%252e%252e/persons',
    '/health/%2E%2E/persons',
    '/health/.%2e/persons',
    '/health/%2e./persons',
    '/health/%2e/live',
    '/health/%2e',
    '/health//persons',
    '/health//',
    '//health',
    '//localhost/health',
    '/health%2f..%2fpersons',
    '/health/..%2Fpersons',
    '/health/%2f',
    '/health/..\\persons',
    '/health\\..\\persons',
    '/health/%5c..%5Cpersons',
    '/health/../persons?x',
    'http://localhost/health/../persons',
    'http://localhost//health',
  ])('%s', (target) => {
    expect(isExempt(target, '/health', /health/, '/')).toBe(false)
  })

  // What Node's URL parsers take for the path of these is `/:persons/health`, `;persons/health` and the like:
  // Express and Koa route them there.
  it.each([
    'http://localhost:persons/health',
    'http://localhost:80persons/health',
    'http://localhost;persons/health',
    "http://localhost'persons/health",
    'http://localhost%2fpersons/health',
    'http://localhost\\persons/health',
    'http://a@localhost;persons/health',
    'javascript://persons/health',
  ])('with an origin that is none: %s', (target) => {
    expect(isExempt(target, '/health', /^\/health/)).toBe(false)
  })
})

describe('a function', () => {
  it('gets the request as its framework shows it', () => {
    const exemption = jest.fn<(context: object) => boolean>(() => true)
    const context = { method: 'OPTIONS' }
    const exempts = createExemptionCheck({ exempt: [exemption], reporter: silentReporter() })
    expect(exempts({ source: { target: '/persons' }, context })).toBe(true)
    expect(exemption.mock.calls).toEqual([[context]])
  })

  it('may exempt what no path does, whatever the path', () => {
    expect(isExempt('/persons/../x', '/health', () => true)).toBe(true)
    expect(isExempt('/persons', '/health', () => false)).toBe(false)
  })

  it.each<[string, unknown]>([
    ['a string', 'true'],
    ['a number', 1],
    ['an object', {}],
    ['nothing', undefined],
  ])('exempts with true alone, not with %s', (_name, answer) => {
    expect(isExempt('/persons', () => answer as boolean)).toBe(false)
  })

  it('that throws is told, and its request recorded', () => {
    const reporter = silentReporter()
    const failure = new Error('the function failed')
    const exempts = createExemptionCheck({
      exempt: [
        () => {
          throw failure
        },
      ],
      reporter,
    })
    expect(exempts({ source: { target: '/persons' }, context: {} })).toBe(false)
    expect(reporter.reportOnce).toHaveBeenCalledTimes(1)
    expect(reporter.reportOnce).toHaveBeenCalledWith(
      'ERR_AUDIT_CALLBACK',
      expect.stringContaining('exempt'),
      failure,
    )
  })
})

it('an async function, which cannot answer in time, neither exempts nor ends the process', async () => {
  const { records, complaints } = await serveOne({
    options: `{ exempt: [async () => { throw new Error('too late') }] }`,
  })
  expect(records).toMatchObject([{ audit: { outcome: 'success' } }])
  expect(complaints).toEqual([expect.stringContaining('[ERR_AUDIT_CALLBACK]')])
})

describe('a hostile target of a megabyte is answered in linear time', () => {
  const units = [
    '/',
    '.',
    '..',
    '%',
    '%2',
    '%2e',
    '/.',
    '/%2e.',
    'a',
    'a+',
    ':',
    '://',
    '\\',
    ' ',
    '?',
    '\0',
    'é',
  ]

  it.each(units)('%p, again and again', (unit) => {
    const long = unit.repeat(1_000_000 / unit.length)
    const exempts = createExemptionCheck({ exempt: ['/health', /^\/assets\//], reporter: silentReporter() })
    const startedAt = performance.now()
    for (const target of [
      long,
      `/${long}`,
      `/health/${long}`,
      `a${long}`,
      `http://${long}`,
      `/health/${long}!`,
    ]) {
      exempts({ source: { target }, context: {} })
    }
    expect(performance.now() - startedAt).toBeLessThan(PROMPT_MS)
  })
})
