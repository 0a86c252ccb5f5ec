import type { UserRecord } from '../record/record.js'
import type { Format } from './format.js'

/**
 * What the Python package `datapunt-audit-log` 0.4.0 prints, key order included, for teams whose Django apps
 * already fill an index. Its documentation shows `provider` and `realm` side by side; what it prints nests them.
 */
export const formatDatapunt: Format = (record) => ({
  audit: {
    http_request: record.http_request,
    http_response: record.http_response,
    user: record.user && nestProvider(record.user),
    filter: record.filter,
    results: record.results,
    type: record.type,
    message: record.message,
  },
})

function nestProvider({ authenticated, email, roles, ip, provider, realm }: UserRecord): object {
  return { authenticated, email, roles, ip, provider: { name: provider, realm } }
}
