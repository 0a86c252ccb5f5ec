import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { AuditLogger, auditLog, memory } from 'http-audit-log'
import { createNoopLogger } from '#src/logger/noop-logger.js'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

/** All property names of an object, own and inherited, enumerable or not. */
function visibleProperties(value: object): string[] {
  const names = new Set<string>()
  for (let level = value; level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) names.add(name)
  }
  return [...names].sort()
}

async function requestLogger(): Promise<AuditLogger> {
  let logger: AuditLogger | undefined
  const audit = auditLog({ sink: memory() })
  const { url } = await listenOn(
    createServer((request, response) => {
      logger = audit(request, response)
      response.end()
    }),
  )
  await fetch(url)
  return logger as AuditLogger
}

describe.each<[title: string, create: () => AuditLogger | Promise<AuditLogger>]>([
  ['the logger of a request', requestLogger],
  ['a logger that the application creates', () => new AuditLogger({ sink: memory() })],
  ['a logger that records nothing', createNoopLogger],
])('%s', (_title, create) => {
  it('is an instance of AuditLogger', async () => {
    expect(await create()).toBeInstanceOf(AuditLogger)
  })

  it('has only the public methods', async () => {
    expect(visibleProperties(await create())).toEqual([
      'child',
      'constructor',
      'critical',
      'debug',
      'deny',
      'error',
      'fail',
      'info',
      'sendLog',
      'set',
      'setAction',
      'setChanges',
      'setError',
      'setFilter',
      'setHttpRequest',
      'setHttpResponse',
      'setResults',
      'setUser',
      'succeed',
      'warning',
    ])
  })

  it('is an instance of AuditLogger without enumerable properties', async () => {
    const logger = await create()
    expect(logger).toBeInstanceOf(AuditLogger)
    expect(JSON.stringify(logger)).toBe('{}')
  })
})

it('has a public constructor that takes options only', () => {
  expect(() => new AuditLogger({ draft: {} } as never)).toThrow('Unknown option `draft`')
})
