import { escapePattern } from '../lib/escape-pattern.js'
import { DroppedItems } from '../record/dropped-items.js'
import type { AuditRecord, RequestRecord, ResponseRecord, TargetRecord } from '../record/record.js'
import { type FoundSecret, NO_SECRETS, type TargetSource } from '../record/record-draft.js'
import type { JsonValue } from '../serialize/json-value.js'
import { applyPaths, applyPathsToValue } from './apply-paths.js'
import { SecretCollector } from './found/found-secrets.js'
import { hideSecrets } from './found/hide-secrets.js'
import { createHeaderRedactor, type HeaderRedactor } from './headers/redact-headers.js'
import { createTextsRedactor } from './redact-record-texts.js'
import type { PathMatcher } from './rules/path-matcher.js'
import type { Rules } from './rules/rules.js'
import { decodeUrlText } from './urls/decode-url.js'
import { createHarmlessUrlCheck } from './urls/harmless-urls.js'
import { redactUrl } from './urls/redact-url.js'
import { createTextContext } from './values/create-text-context.js'
import type { ValueRedactor } from './values/value-redactor.js'

/** Redacts records as a whole. */
export interface RecordRedactor {
  /**
   * Redacts the parts of a record that were not copied by `redactValue`: the URL and the response headers by their keys and
   * shapes, texts by the shapes in them, and every part where a configured path leads. Then hides what was found anywhere in
   * the record in all its parts. Changes the record itself and returns it, but changes none of the objects in it, which
   * belong to the draft.
   *
   * @param found the secrets that `redactValue` has found
   * @param targetSource who named the target; `none` if the record shows none
   */
  redactRecord(
    record: AuditRecord,
    found?: readonly FoundSecret[],
    targetSource?: TargetSource | 'none',
  ): AuditRecord
  /** Replaces the secrets that the content of a record shows, and returns them. Changes the record. */
  findSecrets(record: AuditRecord, found: readonly FoundSecret[]): readonly FoundSecret[]
}

export function createRecordRedactor(rules: Rules, valueRedactor: ValueRedactor): RecordRedactor {
  const redactRequestUrl = createRequestUrlRedactor(rules)
  const redactHeaders = createHeaderRedactor(rules)
  const redactTexts = createTextsRedactor(rules)

  function findSecrets(record: AuditRecord, found: readonly FoundSecret[]): readonly FoundSecret[] {
    const secrets = new SecretCollector()
    const issued = new SecretCollector(true)
    const { http_request, http_response } = record
    if (http_request) record.http_request = redactRequest(http_request, redactRequestUrl, rules, secrets)
    if (secrets.secrets.length > 0) addCapabilities(http_request?.url ?? '', secrets, issued)
    if (http_response) record.http_response = redactResponse(http_response, redactHeaders, rules, issued)
    // Hot path: most options have no paths.
    if (rules.paths !== undefined) applyPathsToOtherParts(record, rules, secrets, found)
    redactTexts?.(record, secrets)
    if (record.attributes !== undefined)
      record.attributes = redactAttributes(record.attributes, valueRedactor, issued)
    return issued.secrets.length === 0 ? secrets.secrets : [...secrets.secrets, ...issued.secrets]
  }

  return {
    findSecrets,
    redactRecord(record, found = NO_SECRETS, targetSource = 'handler') {
      const { target } = record
      const own = findSecrets(record, found)
      const all = own.length === 0 ? found : [...found, ...own]
      // Hot path: most records have no secrets.
      if (all.length > 0) hideSecrets(record, all, rules.replacement, targetSource)
      if (targetSource === 'suggestion' && target !== undefined) dropHiddenIds(record, target, all)
      return record
    },
  }
}

/** The secret segments of a path, which have no name. Those of a URL in the query are the client's. */
function addCapabilities(url: string, found: SecretCollector, issued: SecretCollector): void {
  const path = url.split(/[?#]/, 1)[0] as string
  const decoded = decodeUrlText(path)
  for (const { name, value } of found.secrets)
    if (name === '' && (path.includes(value) || decoded.includes(value))) issued.addText(value)
}

/** An id that `audited()` has found is no id of an object if it is a secret. A pseudonym is one. */
function dropHiddenIds(
  record: AuditRecord,
  found: readonly TargetRecord[],
  secrets: readonly FoundSecret[],
): void {
  record.target = (record.target ?? []).map((target, index) => {
    const isHidden = target.id !== found[index]?.id
    return isHidden && !secrets.some(({ pseudonym }) => pseudonym === target.id)
      ? { type: target.type }
      : target
  })
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

export function redactResponse(
  response: ResponseRecord,
  redactHeaders: HeaderRedactor,
  rules: Rules,
  secrets: SecretCollector,
): ResponseRecord {
  const headers = redactHeaders(response.headers, secrets)
  const redacted = headers === response.headers ? response : { ...response, headers }
  return applyPaths(redacted, 'http_response', rules.paths?.step('http_response'), rules, secrets)
}

function applyPathsToOtherParts(
  record: AuditRecord,
  rules: Rules,
  secrets: SecretCollector,
  found: readonly FoundSecret[],
): void {
  const { user, error, message } = record
  const paths = rules.paths as PathMatcher
  record.user = user && applyPaths(user, 'user', paths.step('user'), rules, secrets)
  if (error) {
    record.error = applyPaths(error, 'error', paths.step('error'), rules, secrets)
    // The name of an error is the reason where the handler gave none.
    if (record.reason === error.name) record.reason = record.error.name
  }
  record.message = String(applyPathsToValue(message, 'message', paths.step('message'), rules, secrets))
  applyPathsToFilterObject(record, rules, secrets)
  applyPathsToNotes(record, rules, secrets)
  if (record.target !== undefined) applyPathsToTargets(record, record.target, rules, secrets, found)
  if (record.reason !== undefined)
    record.reason = String(applyPathsToValue(record.reason, 'reason', paths.step('reason'), rules, secrets))
}

/** All of them at once, when all are set: a name can be sensitive beside another. */
function redactAttributes(
  attributes: Readonly<Record<string, JsonValue>>,
  valueRedactor: ValueRedactor,
  secrets: SecretCollector,
): Record<string, JsonValue> {
  // They were bounded when they were set.
  const { content } = valueRedactor.redactValue(attributes, 'attributes', Infinity, secrets)
  return content as Record<string, JsonValue>
}

/** Applies the paths that lead to the message. */
export function applyMessagePath(message: string, rules: Rules): string {
  const paths = rules.paths?.step('message')
  return String(applyPathsToValue(message, 'message', paths, rules, new SecretCollector()))
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

/** A message that names a target is written with its type and id, which may be too short to be hidden everywhere. */
function applyPathsToTargets(
  record: AuditRecord,
  targets: readonly TargetRecord[],
  rules: Rules,
  secrets: SecretCollector,
  found: readonly FoundSecret[],
): void {
  const paths = rules.paths?.step('target')
  if (paths === undefined) return
  // `audited()` takes an id from a part that is redacted already.
  const isPseudonym = (id: string) => found.some(({ pseudonym }) => pseudonym === id)
  const pseudonymizesId = paths.step('id')?.action === 'pseudonymize'
  record.target = targets.map((target) => {
    if (target instanceof DroppedItems) return target
    const { id, ...others } = target
    if (id !== undefined && pseudonymizesId && isPseudonym(id))
      return { ...applyPaths(others, 'target', paths, rules, secrets), id }
    const redacted = applyPaths(target, 'target', paths, rules, secrets)
    if (target.id !== undefined && redacted.id !== target.id)
      record.message = replaceWords(record.message, describeTarget(target), describeTarget(redacted))
    return redacted
  })
}

function describeTarget({ type, id }: TargetRecord): string {
  return `${type} ${id}`
}

function replaceWords(text: string, words: string, replacement: string): string {
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${escapePattern(words)}(?![\\p{L}\\p{N}])`, 'gu')
  return text.replace(pattern, () => replacement)
}

/** Only to the messages, because the level of a note is one of five names. */
function applyPathsToNotes(record: AuditRecord, rules: Rules, secrets: SecretCollector): void {
  const notePaths = rules.paths?.step('notes')
  const paths = notePaths?.action === undefined ? notePaths?.step('message') : notePaths
  if (record.notes === undefined || paths === undefined) return
  record.notes = record.notes.map((note) =>
    note instanceof DroppedItems
      ? note
      : { ...note, message: String(applyPathsToValue(note.message, 'notes.message', paths, rules, secrets)) },
  )
}
