// The objects `http_request` and `http_response` of OCSF.
import { headerToText } from '../../record/header-names.js'
import type { RequestRecord, ResponseRecord } from '../../record/record.js'
import type { JsonValue } from '../../serialize/json-value.js'
import type { UrlParts } from '../url-parts.js'
import { omitEmptyList, omitEmptyObject, omitEmptyText, unwrapSummary } from '../values.js'

/** The values that OCSF allows for `http_method`: the methods in IANA's HTTP Method Registry. */
const METHODS = new Set(
  (
    'ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY ' +
    'MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH PUT QUERY ' +
    'REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL'
  ).split(' '),
)

export function describeRequest({ method, url, user_agent }: RequestRecord, parts: UrlParts | undefined) {
  return omitEmptyObject({
    http_method: METHODS.has(method) ? method : undefined,
    url: describeUrl(url, parts),
    user_agent: omitEmptyText(user_agent),
  })
}

function describeUrl(url: string, parts: Partial<UrlParts> = {}) {
  if (url === '') return undefined
  const { scheme, host, port, path, query } = parts
  return {
    url_string: url,
    scheme,
    hostname: omitEmptyText(host),
    port,
    path: omitEmptyText(path),
    query_string: omitEmptyText(query),
  }
}

/** Omitted if no status was sent, because the schema requires one. */
export function describeResponse(
  { status_code: code, headers }: ResponseRecord,
  latency: number | undefined,
) {
  if (code === null) return undefined
  const http_headers = describeHeaders(headers)
  const content_type = http_headers.find(({ name }) => name.toLowerCase() === 'content-type')?.value
  return { code, latency, content_type, http_headers: omitEmptyList(http_headers) }
}

export interface HttpHeader {
  readonly name: string
  readonly value: string
}

/** One item for each header line, so a header that was sent twice has two. */
function describeHeaders(headers: JsonValue): HttpHeader[] {
  const sent = unwrapSummary(headers)
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return []
  const lines: HttpHeader[] = []
  for (const name of Object.keys(sent)) {
    const values = sent[name] as JsonValue
    if (Array.isArray(values)) for (const value of values) lines.push({ name, value: headerToText(value) })
    else lines.push({ name, value: headerToText(values) })
  }
  return lines
}

/** Whether `http_headers` cannot hold the headers: no status was sent, or a handler set something other than an object. */
export function hasUnmappedHeaders({ status_code, headers }: ResponseRecord): boolean {
  return (
    headers !== null &&
    (status_code === null ||
      typeof unwrapSummary(headers) !== 'object' ||
      Array.isArray(unwrapSummary(headers)))
  )
}
