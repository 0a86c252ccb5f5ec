// A job without HTTP: it closes the accounts that are empty, and writes one record for each of them.
import type { AuditLogger } from 'http-audit-log'
import type { Bank } from './bank.js'

/** @param createLogger `audit.logger` of the middleware, so that the records have its options and are counted in `audit.stats()` */
export function runNightlyJob(bank: Bank, createLogger: () => AuditLogger): void {
  for (const { before, after } of bank.closeEmptyAccounts()) {
    createLogger()
      .setUser({ authenticated: true, type: 'system', id: 'nightly-job' })
      .setAction('close', { type: 'Account', id: before.id })
      .setChanges(before, after)
      .sendLog()
  }
}
