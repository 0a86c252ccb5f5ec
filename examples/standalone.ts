// No server at all: a batch job that leaves an audit record of its own.
import { AuditLogger } from 'http-audit-log'

new AuditLogger()
  .setUser({ authenticated: true, provider: 'cron', email: 'nightly@example.org' })
  .setFilter('Person', { inactive_since: '2020-01-01' })
  .setResults({ deleted: 12 })
  .warning('Removed inactive persons')
  .sendLog()
