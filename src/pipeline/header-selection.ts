import { Dictionary } from '../lib/dictionary.js'
import type { ResponseHeaders } from '../options/resolve.js'
import { cutHeaders } from '../record/bound-record.js'
import type { AuditRecord, SentHeaders } from '../record/record.js'
import { type FoundSecret, NO_SECRETS } from '../record/record-draft.js'
import type { Redactor } from '../redact/redactor.js'

/** Removes the headers that are not recorded from a record, and returns the secrets in them. */
export type HeaderSelection = (record: AuditRecord) => readonly FoundSecret[]

/**
 * Creates the selection for the option `responseHeaders`; `undefined` where nothing is to be done: the default leaves out
 * headers when the response is described, because that is faster and those headers have no secrets.
 *
 * Secrets in headers that are left out are looked for all the same: a handler may repeat the session id of `set-cookie` in a message.
 */
export function createHeaderSelection(
  responseHeaders: ResponseHeaders,
  redactor: Pick<Redactor, 'findHeaderSecrets'>,
  maxRecordBytes: number,
): HeaderSelection | undefined {
  if (responseHeaders === 'all' || responseHeaders === 'default') return undefined
  const names: ReadonlySet<string> = responseHeaders === 'none' ? new Set<string>() : responseHeaders
  return (record) => {
    const { http_response: response } = record
    const headers = response?.headers
    if (!response || !hasHeaders(headers)) return NO_SECRETS
    const [recorded, omitted] = partition(headers, names)
    record.http_response = { ...response, headers: responseHeaders === 'none' ? null : recorded }
    return redactor.findHeaderSecrets(cutHeaders(omitted, maxRecordBytes))
  }
}

function hasHeaders(headers: unknown): headers is SentHeaders {
  return typeof headers === 'object' && headers !== null && !Array.isArray(headers)
}

function partition(headers: SentHeaders, names: ReadonlySet<string>): [SentHeaders, SentHeaders] {
  const recorded: SentHeaders = new Dictionary()
  const omitted: SentHeaders = new Dictionary()
  for (const name in headers) {
    const target = names.has(name.toLowerCase()) ? recorded : omitted
    target[name] = headers[name] as string | string[]
  }
  return [recorded, omitted]
}
