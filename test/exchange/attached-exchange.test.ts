import { describe, expect, it, jest } from '@jest/globals'
import { AuditLogger, auditErrors, audited, type MemorySink, memory } from 'http-audit-log'
import { findRequestBuilder } from '#src/exchange/attached-exchange.js'

/** Calls the middleware of this package for a fake request whose `audit` property is `logger`. */
function handleRequest(logger: unknown): void {
  const request = { method: 'GET', audit: logger, params: { id: '1' } } as never
  const response = { json() {} } as never
  const next = () => {}
  audited('Person')(request, response, next)
  auditErrors()(new Error('not found'), request, response, next)
}

/** AuditLogger of a second copy of the package, such as the other build. */
function loadOtherCopy(): typeof AuditLogger {
  let copy: typeof AuditLogger | undefined
  jest.isolateModules(() => {
    copy = (jest.requireActual('http-audit-log') as { AuditLogger: typeof AuditLogger }).AuditLogger
  })
  return copy as typeof AuditLogger
}

describe('a logger that the application assigns to req.audit, as in a unit test', () => {
  it.each<[title: string, create: (sink: MemorySink) => AuditLogger]>([
    ['of this package', (sink) => new AuditLogger({ sink })],
    [
      'of another copy of this package',
      (sink) => {
        const OtherLogger = loadOtherCopy()
        expect(OtherLogger).not.toBe(AuditLogger)
        return new OtherLogger({ sink })
      },
    ],
  ])('is accepted by audited(), and filled by auditErrors(): %s', (_title, create) => {
    const sink = memory()
    const logger = create(sink)
    handleRequest(logger)
    logger.sendLog()
    expect(sink.records()[0].audit.error).toEqual({ name: 'Error', message: 'not found' })
  })
})

describe('findRequestBuilder', () => {
  it.each<[title: string, holder: object]>([
    ['no audit property', {}],
    ['a logger of the application', { audit: { info() {}, setError() {} } }],
    ['a primitive', { audit: 'audit' }],
    [
      'a getter that throws',
      {
        get audit() {
          throw new Error('not available')
        },
      },
    ],
    [
      'a Proxy whose traps throw',
      {
        audit: new Proxy(
          {},
          new Proxy(
            {},
            {
              get: () => () => {
                throw new Error()
              },
            },
          ),
        ),
      },
    ],
    [
      'an object that inherits from AuditLogger without its constructor',
      { audit: Object.create(AuditLogger.prototype) },
    ],
  ])('returns undefined for %s', (_title, holder) => {
    expect(findRequestBuilder({}, holder)).toBeUndefined()
  })
})
