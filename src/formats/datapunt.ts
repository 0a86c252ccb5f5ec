import type { UserRecord } from '../record/record.js'
import type { Format } from './format.js'

/**
 * The output of the Python package `datapunt-audit-log` 0.4.0, in the same key order, for teams whose Django apps write
 * to the same index. That package nests `provider` and `realm`, although its documentation shows them side by side.
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
