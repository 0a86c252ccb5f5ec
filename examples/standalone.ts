// Without a server: a batch job that writes one audit record.
import { AuditLogger } from 'http-audit-log'

new AuditLogger()
  .setUser({ authenticated: true, provider: 'cron', email: 'nightly@example.org' })
  .setFilter('Person', { inactive_since: '2020-01-01' })
  .setResults({ deleted: 12 })
  .warning('Removed inactive persons')
  .sendLog()
