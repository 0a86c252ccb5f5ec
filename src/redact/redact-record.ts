import { DroppedNotes } from '../record/notes.js'
import type { AuditRecord, RequestRecord, ResponseRecord } from '../record/record.js'
import { type FoundSecret, NO_SECRETS } from '../record/record-draft.js'
import type { JsonValue } from '../serialize/json-value.js'
import { SecretCollector } from './found/found-secrets.js'
import { hideSecrets } from './found/hide-secrets.js'
import { createHeaderRedactor, type HeaderRedactor } from './headers/redact-headers.js'
import { createTextsRedactor } from './redact-record-texts.js'
import type { PathMatcher } from './rules/path-matcher.js'
import type { Rules } from './rules/rules.js'
import { createHarmlessUrlCheck } from './urls/harmless-urls.js'
import { redactUrl } from './urls/redact-url.js'
import { createTextContext } from './values/create-text-context.js'

/**
 * Creates `redactRecord` of a redactor: the function changes the record that it gets, and returns it.
 *
 * @param found the secrets that were found when parts of the record were set
 */
export function createRecordRedactor(
  rules: Rules,
): (record: AuditRecord, found?: readonly FoundSecret[]) => AuditRecord {
  const redactRequestUrl = createRequestUrlRedactor(rules)
  const redactHeaders = createHeaderRedactor(rules)
  const redactTexts = createTextsRedactor(rules)

  return (record, found = NO_SECRETS) => {
    const secrets = new SecretCollector()
    const { http_request, http_response } = record
    if (http_request) record.http_request = redactRequest(http_request, redactRequestUrl, rules, secrets)
    if (http_response) record.http_response = redactResponse(http_response, redactHeaders, rules, secrets)
    // Hot path: most options have no paths.
    if (rules.paths !== undefined) applyPathsToOtherParts(record, rules, secrets)
    redactTexts?.(record, secrets)
    // Hot path: most records have no secrets.
    if (found.length > 0 || secrets.secrets.length > 0)
      hideSecrets(record, [...found, ...secrets.secrets], rules.replacement)
    return record
  }
}

function redactRequest(
  request: RequestRecord,
  redactRequestUrl: RequestUrlRedactor,
  rules: Rules,
  secrets: SecretCollector,
): RequestRecord {
  const url = redactRequestUrl(request.url, secrets)
  const redacted = url === request.url ? request : { ...request, url }
  return applyPaths(redacted, 'http_request', rules.paths?.step('http_request'), rules, secrets)
}

type RequestUrlRedactor = (url: string, secrets: SecretCollector) => string

function createRequestUrlRedactor({ sensitiveKeys, replacement }: Rules): RequestUrlRedactor {
  if (sensitiveKeys === undefined) return (url) => url
  const isHarmless = createHarmlessUrlCheck(sensitiveKeys)
  return (url, secrets) => {
    if (isHarmless(url)) return url
    const fixed = replacement.fixed ?? replacement.replace(undefined, 'http_request.url')
    return redactUrl(url, createTextContext(sensitiveKeys, fixed, secrets))
  }
}

function redactResponse(
  response: ResponseRecord,
  redactHeaders: HeaderRedactor,
  rules: Rules,
  secrets: SecretCollector,
): ResponseRecord {
  const headers = redactHeaders(response.headers, secrets)
  const redacted = headers === response.headers ? response : { ...response, headers }
  return applyPaths(redacted, 'http_response', rules.paths?.step('http_response'), rules, secrets)
}

function applyPathsToOtherParts(record: AuditRecord, rules: Rules, secrets: SecretCollector): void {
  const { user, error, message } = record
  const paths = rules.paths as PathMatcher
  record.user = user && applyPaths(user, 'user', paths.step('user'), rules, secrets)
  if (error) record.error = applyPaths(error, 'error', paths.step('error'), rules, secrets)
  record.message = String(applyPathsToValue(message, 'message', paths.step('message'), rules, secrets))
  applyPathsToFilterObject(record, rules, secrets)
  applyPathsToNotes(record, rules, secrets)
}

/** `filter.kwargs` was redacted when it was copied. */
function applyPathsToFilterObject(record: AuditRecord, rules: Rules, secrets: SecretCollector): void {
  const { filter } = record
  const paths = rules.paths?.step('filter')?.step('object')
  if (filter && paths !== undefined) {
    const object = String(applyPathsToValue(filter.object, 'filter.object', paths, rules, secrets))
    record.filter = { ...filter, object }
  }
}

/** Only to the messages, because the level of a note is one of five names. */
function applyPathsToNotes(record: AuditRecord, rules: Rules, secrets: SecretCollector): void {
  const notePaths = rules.paths?.step('notes')
  const paths = notePaths?.action === undefined ? notePaths?.step('message') : notePaths
  if (record.notes === undefined || paths === undefined) return
  record.notes = record.notes.map((note) =>
    note instanceof DroppedNotes
      ? note
      : { ...note, message: String(applyPathsToValue(note.message, 'notes.message', paths, rules, secrets)) },
  )
}

/** Applies the configured paths to a part of the record. `paths` are those of the part; most parts have none. */
function applyPaths<Part extends object>(
  part: Part,
  path: string,
  paths: PathMatcher | undefined,
  rules: Rules,
  secrets: SecretCollector,
): Part {
  if (paths === undefined) return part
  // Hot path: V8 keeps the hidden class of an object that was copied by spread, and not by `Object.fromEntries`.
  const copy = { ...part } as Record<string, JsonValue>
  for (const key of Object.keys(copy)) {
    // Paths are split at dots, so a key with dots in it (of a header) is matched by its last segment.
    const step = paths.step(key.slice(key.lastIndexOf('.') + 1))
    if (step !== undefined)
      copy[key] = applyPathsToValue(copy[key] as JsonValue, `${path}.${key}`, step, rules, secrets)
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
  secrets: SecretCollector,
): JsonValue {
  if (paths === undefined || value === null || NEVER_REDACTED.has(path)) return value
  if (paths.action === 'redact') {
    // Elasticsearch rejects a text in a field that is mapped to an object.
    if (path === 'user.on_behalf_of' && isJsonObject(value)) return redactTextsIn(value, path, rules, secrets)
    secrets.addValue(value, lastKey(path))
    return rules.replacement.replace(value, path)
  }
  if (Array.isArray(value)) return value.map((item) => applyPathsToValue(item, path, paths, rules, secrets))
  if (typeof value === 'object') return applyPaths(value, path, paths, rules, secrets)
  if (paths.action !== 'pseudonymize') return value
  const pseudonym = rules.pseudonymize(value)
  secrets.addPseudonym(value, lastKey(path), pseudonym)
  return pseudonym
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}

function isJsonObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function redactTextsIn(
  object: { [key: string]: JsonValue },
  path: string,
  { replacement }: Rules,
  secrets: SecretCollector,
): JsonValue {
  const redacted = Object.entries(object).map(([key, value]) => {
    const isEmpty = value === null || value === ''
    if (isEmpty) return [key, value]
    secrets.addValue(value, key)
    const redactOne = (item: JsonValue) => replacement.replace(item, `${path}.${key}`)
    return [key, Array.isArray(value) ? value.map(redactOne) : redactOne(value)]
  })
  return Object.fromEntries(redacted)
}
