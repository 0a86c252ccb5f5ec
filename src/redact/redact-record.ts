import { DroppedNotes } from '../record/notes.js'
import type { AuditRecord, RequestRecord, ResponseRecord } from '../record/record.js'
import type { JsonValue } from '../serialize/json-value.js'
import type { PathMatcher } from './path-matcher.js'
import { createClientTextRedactor } from './redact-client-texts.js'
import { createHeaderRedactor } from './redact-headers.js'
import { createTextContext } from './redact-value.js'
import type { Rules } from './rules.js'
import { createHarmlessUrlCheck } from './urls/harmless-urls.js'
import { redactUrl } from './urls/redact-url.js'

/** Creates `redactRecord` of a redactor: the function changes the record that it gets, and returns it. */
export function createRecordRedactor(rules: Rules): (record: AuditRecord) => AuditRecord {
  const redactRequestUrl = createRequestUrlRedactor(rules)
  const redactHeaders = createHeaderRedactor(rules)
  const redactClientText = createClientTextRedactor(rules)

  function redactRequest(request: RequestRecord): RequestRecord {
    const url = redactRequestUrl(request.url)
    const user_agent = redactClientText(request.user_agent, 'http_request.user_agent')
    const isUnchanged = url === request.url && user_agent === request.user_agent
    const redacted = isUnchanged ? request : { ...request, url, user_agent }
    return applyPaths(redacted, 'http_request', rules.paths?.step('http_request'), rules)
  }

  function redactResponse(response: ResponseRecord): ResponseRecord {
    const headers = redactHeaders(response.headers)
    const redacted = headers === response.headers ? response : { ...response, headers }
    return applyPaths(redacted, 'http_response', rules.paths?.step('http_response'), rules)
  }

  return (record) => {
    const { http_request, http_response, user, error } = record
    if (http_request) record.http_request = redactRequest(http_request)
    if (http_response) record.http_response = redactResponse(http_response)
    if (record.request_id) record.request_id = redactClientText(record.request_id, 'request_id')
    // Hot path: most options have no paths.
    if (rules.paths === undefined) return record
    record.user = user && applyPaths(user, 'user', rules.paths.step('user'), rules)
    if (error) record.error = applyPaths(error, 'error', rules.paths.step('error'), rules)
    record.message = String(applyPathsToValue(record.message, 'message', rules.paths.step('message'), rules))
    applyPathsToFilterObject(record, rules)
    applyPathsToNotes(record, rules)
    return record
  }
}

function createRequestUrlRedactor({ sensitiveKeys, replacement }: Rules): (url: string) => string {
  if (sensitiveKeys === undefined) return (url) => url
  const isHarmless = createHarmlessUrlCheck(sensitiveKeys)
  const { fixed } = replacement
  if (fixed !== undefined) {
    const context = createTextContext(sensitiveKeys, fixed)
    return (url) => (isHarmless(url) ? url : redactUrl(url, context))
  }
  return (url) =>
    isHarmless(url)
      ? url
      : redactUrl(url, createTextContext(sensitiveKeys, replacement.replace(undefined, 'http_request.url')))
}

/** `filter.kwargs` was redacted when it was copied. */
function applyPathsToFilterObject(record: AuditRecord, rules: Rules): void {
  const { filter } = record
  const paths = rules.paths?.step('filter')?.step('object')
  if (filter && paths !== undefined) {
    const object = String(applyPathsToValue(filter.object, 'filter.object', paths, rules))
    record.filter = { ...filter, object }
  }
}

/** Only to the messages, because the level of a note is one of five names. */
function applyPathsToNotes(record: AuditRecord, rules: Rules): void {
  const notePaths = rules.paths?.step('notes')
  const paths = notePaths?.action === undefined ? notePaths?.step('message') : notePaths
  if (record.notes === undefined || paths === undefined) return
  record.notes = record.notes.map((note) =>
    note instanceof DroppedNotes
      ? note
      : { ...note, message: String(applyPathsToValue(note.message, 'notes.message', paths, rules)) },
  )
}

/** Applies the configured paths to a part of the record. `paths` are those of the part; most parts have none. */
function applyPaths<Part extends object>(
  part: Part,
  path: string,
  paths: PathMatcher | undefined,
  rules: Rules,
): Part {
  if (paths === undefined) return part
  // Hot path: V8 keeps the hidden class of an object that was copied by spread, and not by `Object.fromEntries`.
  const copy = { ...part } as Record<string, JsonValue>
  for (const key of Object.keys(copy)) {
    // Paths are split at dots, so a key with dots in it (of a header) is matched by its last segment.
    const step = paths.step(key.slice(key.lastIndexOf('.') + 1))
    if (step !== undefined)
      copy[key] = applyPathsToValue(copy[key] as JsonValue, `${path}.${key}`, step, rules)
  }
  return copy as Part
}

/** These identify no person, and Elasticsearch rejects a text in a field that is mapped to a number or a boolean. */
const NEVER_REDACTED = new Set(['http_response.status_code', 'user.authenticated'])

function applyPathsToValue(
  value: JsonValue,
  path: string,
  paths: PathMatcher | undefined,
  rules: Rules,
): JsonValue {
  if (paths === undefined || value === null || NEVER_REDACTED.has(path)) return value
  if (paths.action === 'redact') {
    // Elasticsearch rejects a text in a field that is mapped to an object.
    if (path === 'user.on_behalf_of' && isJsonObject(value)) return redactTexts(value, path, rules)
    return rules.replacement.replace(value, path)
  }
  if (Array.isArray(value)) return value.map((item) => applyPathsToValue(item, path, paths, rules))
  if (typeof value === 'object') return applyPaths(value, path, paths, rules)
  return paths.action === 'pseudonymize' ? rules.pseudonymize(value) : value
}

function isJsonObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function redactTexts(object: { [key: string]: JsonValue }, path: string, { replacement }: Rules): JsonValue {
  const redacted = Object.entries(object).map(([key, value]) => {
    const isEmpty = value === null || value === ''
    if (isEmpty) return [key, value]
    const redactOne = (item: JsonValue) => replacement.replace(item, `${path}.${key}`)
    return [key, Array.isArray(value) ? value.map(redactOne) : redactOne(value)]
  })
  return Object.fromEntries(redacted)
}
