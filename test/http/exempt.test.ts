import { describe, expect, it, jest } from '@jest/globals'
import { createExemptionCheck, type Exemption } from '#src/http/exempt.js'
import type { Reporter } from '#src/lib/reporter.js'
import { auditOneRequest } from '../helpers/child-process.js'
import { takesAtMostMs } from '../helpers/cpu-time.js'

/** Generous: only quadratic work on a megabyte takes longer. */
const PROMPT_MS = 2000

function silentReporter() {
  return { report: jest.fn(), reportOnce: jest.fn(), notify: jest.fn() } satisfies Reporter
}

function isExempt(target: string, ...exempt: Exemption<object>[]): boolean {
  const reporter = silentReporter()
  const result = createExemptionCheck({ exempt, reporter })({ source: { target }, context: {} })
  expect(reporter.reportOnce).not.toHaveBeenCalled()
  return result
}

describe('a path in `exempt`', () => {
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

  it('exempts a request if any path of the list matches', () => {
    expect(isExempt('/b', '/a', '/b')).toBe(true)
    expect(isExempt('/c', '/a', '/b')).toBe(false)
  })

  it('exempts nothing when the list is empty', () => {
    expect(isExempt('/')).toBe(false)
  })
})

describe('a regular expression in `exempt`', () => {
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

  it.each(['g', 'y', 'gy', 'gi'])('gives the same result for each request with the flag %s', (flags) => {
    const pattern = new RegExp('/health', flags)
    const check = createExemptionCheck({ exempt: [pattern], reporter: silentReporter() })
    const results = Array.from({ length: 5 }, () =>
      check({ source: { target: '/health/live' }, context: {} }),
    )
    expect(results).toEqual([true, true, true, true, true])
    expect(pattern.lastIndex).toBe(0)
  })

  it('must match at the start of the path when it is sticky', () => {
    expect(isExempt('/health', /\/health/y)).toBe(true)
    expect(isExempt('/persons/health', /\/health/y)).toBe(false)
  })
})

describe('the query string of a request', () => {
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
  ])('does not make %s exempt', (target) => {
    expect(isExempt(target, '/health', /\/?health/, /health$/)).toBe(false)
  })

  it('does not make an exempt request recorded', () => {
    expect(isExempt('/health?from=/a/../b//c%2f', '/health')).toBe(true)
  })
})

describe('a path that can be interpreted in two ways is not exempt', () => {
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

  // Node's URL parsers return paths such as `/:persons/health` and `;persons/health` for these, and Express and Koa
  // route by them.
  it.each([
    'http://localhost:persons/health',
    'http://localhost:80persons/health',
    'http://localhost;persons/health',
    "http://localhost'persons/health",
    'http://localhost%2fpersons/health',
    'http://localhost\\persons/health',
    'http://a@localhost;persons/health',
    'javascript://persons/health',
  ])('has an invalid origin: %s', (target) => {
    expect(isExempt(target, '/health', /^\/health/)).toBe(false)
  })
})

describe('a function in `exempt`', () => {
  it('receives the request object of the framework', () => {
    const exemption = jest.fn<(context: object) => boolean>(() => true)
    const context = { method: 'OPTIONS' }
    const check = createExemptionCheck({ exempt: [exemption], reporter: silentReporter() })
    expect(check({ source: { target: '/persons' }, context })).toBe(true)
    expect(exemption.mock.calls).toEqual([[context]])
  })

  it('can exempt a request whose path does not match or is ambiguous', () => {
    expect(isExempt('/persons/../x', '/health', () => true)).toBe(true)
    expect(isExempt('/persons', '/health', () => false)).toBe(false)
  })

  it.each<[string, unknown]>([
    ['a string', 'true'],
    ['a number', 1],
    ['an object', {}],
    ['nothing', undefined],
  ])('exempts a request only if it returns true, not for %s', (_name, result) => {
    expect(isExempt('/persons', () => result as boolean)).toBe(false)
  })

  it('is reported when it throws, and the request is recorded', () => {
    const reporter = silentReporter()
    const failure = new Error('the function failed')
    const check = createExemptionCheck({
      exempt: [
        () => {
          throw failure
        },
      ],
      reporter,
    })
    expect(check({ source: { target: '/persons' }, context: {} })).toBe(false)
    expect(reporter.reportOnce).toHaveBeenCalledTimes(1)
    expect(reporter.reportOnce).toHaveBeenCalledWith(
      'ERR_AUDIT_CALLBACK',
      expect.stringContaining('exempt'),
      failure,
    )
  })
})

it('an async function does not exempt the request, and its rejection does not crash the process', async () => {
  const { records, stderrLines: complaints } = await auditOneRequest({
    options: `{ exempt: [async () => { throw new Error('too late') }] }`,
  })
  expect(records).toMatchObject([{ audit: { outcome: 'success' } }])
  expect(complaints).toEqual([expect.stringContaining('[ERR_AUDIT_CALLBACK]')])
})

describe('takes linear time for a hostile target of one megabyte', () => {
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

  it.each(units)('%p repeated', (unit) => {
    const long = unit.repeat(1_000_000 / unit.length)
    const check = createExemptionCheck({ exempt: ['/health', /^\/assets\//], reporter: silentReporter() })
    const checkHostileTargets = () => {
      for (const target of [
        long,
        `/${long}`,
        `/health/${long}`,
        `a${long}`,
        `http://${long}`,
        `/health/${long}!`,
      ]) {
        check({ source: { target }, context: {} })
      }
    }
    expect(takesAtMostMs(PROMPT_MS, checkHostileTargets)).toBe(true)
  })
})
