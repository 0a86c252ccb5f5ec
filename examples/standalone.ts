// Without a server: a batch job that writes one audit record for each act.
import { AuditLogger } from 'http-audit-log'

const inactive = [{ id: 7, last_name: 'Jansen', is_active: true }]

for (const person of inactive) {
  new AuditLogger()
    .setUser({ authenticated: true, provider: 'cron', id: 'nightly-job' })
    .setAction('deactivate', { type: 'Person', id: person.id })
    .setChanges(person, { ...person, is_active: false })
    .warning('Inactive since 2020')
    .sendLog()
}
