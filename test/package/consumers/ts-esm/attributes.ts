// Compiled only: an application declares its custom fields once, for every entry point.
import { AuditLogger } from 'http-audit-log'
import { AuditLogger as ExpressLogger } from 'http-audit-log/express'
import { AuditLogger as KoaLogger } from 'http-audit-log/koa'

declare module 'http-audit-log' {
  interface AuditAttributes {
    case_number: string
    parts: readonly number[]
  }
}

for (const logger of [new AuditLogger(), new ExpressLogger(), new KoaLogger()]) {
  logger.set('case_number', '2026/17').set('parts', [1]).set('case_number', undefined)
  // @ts-expect-error: another type.
  logger.set('case_number', 17)
  // @ts-expect-error: not declared.
  logger.set('case_nubmer', '2026/17')
}
