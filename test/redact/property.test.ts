import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { memory } from '#src/sinks/memory.js'
import { repetitions } from '../helpers/slow.js'
import { expectNoPieceOf } from './secret-pieces.js'

const LIMITS = [1024, 2048, 16_384]
const SENSITIVE_KEYS = [
  'password',
  'apiKey',
  'API-Key',
  'access_token',
  'user[secret]',
  'Cookie',
  'cardNumber',
  'otp',
]

/** Values with a character that nothing else has, so that every piece of one in a line is a leak. */
const secret = fc
  .string({ unit: fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'), minLength: 8, maxLength: 40 })
  .map((text) => `~${text}`)

/** Any JSON, with secrets under sensitive keys anywhere in it. */
function jsonWith(secrets: string[]) {
  const tree = fc.letrec((tie) => ({
    node: fc.oneof({ depthSize: 'medium' }, tie('leaf'), tie('list'), tie('object'), tie('secretHolder')),
    leaf: fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.string({ unit: 'binary' })),
    list: fc.array(tie('node'), { maxLength: 6 }),
    object: fc.dictionary(fc.string({ maxLength: 10 }), tie('node'), { maxKeys: 6 }),
    secretHolder: fc
      .tuple(
        fc.constantFrom(...SENSITIVE_KEYS),
        fc.constantFrom(...secrets),
        tie('node'),
        fc.constantFrom('plain', 'json', 'form', 'url', 'pair', 'named', 'nested'),
      )
      .map(([name, value, other, kind]) => holdSecret(name, value, other, kind)),
  }))
  return tree.node
}

function holdSecret(name: string, value: string, other: unknown, kind: string): unknown {
  switch (kind) {
    case 'json':
      return { body: JSON.stringify({ other, [name]: value }) }
    case 'form':
      return { body: new URLSearchParams({ a: '1', [name]: value }).toString() }
    case 'url':
      return { link: `https://jan:${value}@example.org/?b=${encodeURIComponent(`/?${name}=${value}`)}` }
    case 'pair':
      return [[name, value]]
    case 'named':
      return { other, name, value }
    case 'nested':
      return { [name]: { other, value: [value] } }
    default:
      return { [name]: value, other }
  }
}

function lineOf(fill: (logger: AuditLogger) => unknown, maxRecordBytes: number): string {
  const sink = memory()
  const logger = new AuditLogger({ sink, maxRecordBytes })
  fill(logger)
  logger.sendLog()
  expect(sink.lines).toHaveLength(1)
  const [line] = sink.lines as [string]
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxRecordBytes)
  expect(line.indexOf('\n')).toBe(line.length - 1)
  JSON.parse(line)
  return line
}

describe('the line of a record', () => {
  it('contains no piece of a value that stands under a sensitive key', () => {
    const valuesWithSecrets = fc
      .array(secret, { minLength: 1, maxLength: 3 })
      .chain((secrets) => fc.tuple(fc.constant(secrets), jsonWith(secrets), jsonWith(secrets)))
    fc.assert(
      fc.property(valuesWithSecrets, fc.constantFrom(...LIMITS), ([secrets, kwargs, results], limit) => {
        const line = lineOf((logger) => logger.setFilter('Person', kwargs).setResults(results), limit)
        for (const value of secrets) expectNoPieceOf(value, line)
      }),
      { numRuns: repetitions(100, 500) },
    )
  })

  it('is valid and within the limit for any text in any part', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 3000 }), fc.string({ maxLength: 3000 }))
    fc.assert(
      fc.property(text, text, text, fc.constantFrom(...LIMITS), (a, b, c, limit) => {
        lineOf(
          (logger) =>
            logger
              .setHttpRequest({ method: a, url: b, userAgent: c })
              .setHttpResponse({ statusCode: 200, reason: c, headers: { a, b, c: [a, b], 'set-cookie': c } })
              .setUser({ authenticated: true, email: a, provider: b, realm: c, ip: b, id: a, roles: [a, b] })
              .setFilter(c, { [a]: b })
              .setResults([a, { [b]: c }])
              .setError(new Error(a))
              .info(b),
          limit,
        )
      }),
      { numRuns: repetitions(50, 300) },
    )
  })

  it('is valid and within the limit for any value in any part', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
    } as never)
    fc.assert(
      fc.property(anything, anything, fc.constantFrom(...LIMITS), (a, b, limit) => {
        lineOf(
          (logger) =>
            logger
              .setHttpRequest(a as never)
              .setHttpResponse({ statusCode: a, reason: b, headers: b } as never)
              .setUser({ email: a, roles: b } as never)
              .setFilter(a as never, b)
              .setResults(a)
              .setError(b)
              .info(a as never),
          limit,
        )
      }),
      { numRuns: repetitions(100, 500) },
    )
  })
})
