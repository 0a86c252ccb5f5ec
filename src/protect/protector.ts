import type { AuditRecord, PlainJson } from '../record.js'
import { createHeaderCleaner } from './clean-headers.js'
import { cleanUrl } from './clean-url.js'
import { shortenToFit } from './limit.js'
import type { Places } from './places.js'
import {
  createRules,
  type PlainScalar,
  type PseudonymizeOptions,
  type RedactOptions,
  type Rules,
} from './rules.js'
import { type Snapshot, snapshot } from './snapshot.js'

/** Keeps secrets out of records, and records within their limit. */
export interface Protector {
  /** What a handler hands over for this part of the record, as it is now, without its secrets. */
  snapshot(value: unknown, path: 'results' | 'filter.kwargs'): Snapshot
  /** The record without the secrets in what the exchange itself says: URL, response headers, user. It is changed. */
  protect(record: AuditRecord): AuditRecord
  /** The line of a record, no longer than the limit; `undefined` where the format alone is too long. */
  shortenToFit(record: AuditRecord, render: (record: AuditRecord) => string): string | undefined
}

export function createProtector({
  redact,
  pseudonymize,
  maxRecordBytes,
}: {
  readonly redact: RedactOptions | false
  readonly pseudonymize: PseudonymizeOptions | undefined
  readonly maxRecordBytes: number
}): Protector {
  const rules = createRules(redact, pseudonymize)
  const cleanHeaders = createHeaderCleaner(rules)
  return {
    snapshot: (value, path) => snapshot(value, path, rules, maxRecordBytes),
    protect: (record) => protectRecord(record, rules, cleanHeaders),
    shortenToFit: (record, render) => shortenToFit(record, maxRecordBytes, render),
  }
}

/** Changes the record itself, which was made for this, but none of its parts: they are the draft's. */
function protectRecord(
  record: AuditRecord,
  rules: Rules,
  cleanHeaders: (headers: PlainJson) => PlainJson,
): AuditRecord {
  const { http_request: request, http_response: response, user, error, filter } = record
  const { names } = rules
  // Mostly there is none, and then nothing is looked for.
  const places = rules.places.isEmpty ? undefined : rules.places
  if (error) record.error = actOn(error, 'error', places, rules)
  record.message = String(actOnValue(record.message, 'message', places, rules))
  if (filter) {
    const object = String(actOnValue(filter.object, 'filter.object', places?.step('filter'), rules))
    if (object !== filter.object) record.filter = { ...filter, object }
  }
  if (request) {
    const url =
      names === undefined
        ? request.url
        : cleanUrl(request.url, names, rules.hide(undefined, 'http_request.url'))
    const cleaned = url === request.url ? request : { ...request, url }
    record.http_request = actOn(cleaned, 'http_request', places, rules)
  }
  if (response) {
    const headers = cleanHeaders(response.headers)
    const cleaned = headers === response.headers ? response : { ...response, headers }
    record.http_response = actOn(cleaned, 'http_response', places, rules)
  }
  record.user = user && actOn(user, 'user', places, rules)
  return record
}

/** What the options say of exact places. */
function actOn<Part extends object>(part: Part, path: string, above: Places | undefined, rules: Rules): Part {
  const place = above?.step(path.slice(path.lastIndexOf('.') + 1))
  if (place === undefined) return part
  const changed = Object.entries(part).map(([name, value]) => [
    name,
    actOnValue(value, `${path}.${name}`, place, rules),
  ])
  return Object.fromEntries(changed)
}

/** What is no text: it names nobody, and Elasticsearch refuses a text in its place. */
const NEVER_HIDDEN = new Set(['http_response.status_code', 'user.authenticated'])

function actOnValue(value: PlainJson, path: string, above: Places | undefined, rules: Rules): PlainJson {
  if (above === undefined) return value
  const action = above.step(path.slice(path.lastIndexOf('.') + 1))?.action
  if (value === null || NEVER_HIDDEN.has(path)) return value
  if (action === 'redact') return rules.hide(value, path)
  if (Array.isArray(value)) return value.map((item) => actOnValue(item, path, above, rules))
  if (typeof value === 'object') return actOn(value, path, above, rules)
  return action === 'pseudonymize' ? rules.pseudonymize(value as PlainScalar) : value
}
