// Hides the secrets that were found anywhere in a record (`found-secrets.ts`) in all its other parts.
import { Dictionary } from '../../lib/dictionary.js'
import { mapChange } from '../../record/changes.js'
import { DroppedItems } from '../../record/dropped-items.js'
import type {
  AuditRecord,
  ChangeRecord,
  RequestRecord,
  TargetRecord,
  UserRecord,
} from '../../record/record.js'
import type { FoundSecret, TargetSource } from '../../record/record-draft.js'
import type { JsonValue } from '../../serialize/json-value.js'
import { Summary } from '../../serialize/summary.js'
import type { Replacement } from '../rules/replacement.js'
import { decodeUrlText } from '../urls/decode-url.js'
import { Evidence } from './evidence.js'
import { judgeDistinctness } from './secret-distinctness.js'
import { type ReplaceSecret, SecretMatcher } from './secret-matcher.js'

/**
 * Hides secrets in a record. Changes the record itself, but none of the objects in it, which belong to the draft. What
 * cannot hold a secret stays as it is: status, times, level, outcome, action, route, type of the objects, name of the error,
 * names of headers, type of the content, numbers, ids and the address of the server. {@link Evidence} stays too, although a
 * client calls it a secret.
 */
export function hideSecrets(
  record: AuditRecord,
  secrets: readonly FoundSecret[],
  replacement: Replacement,
  targetSource: TargetSource | 'none',
): void {
  new SecretHider(secrets, replacement, new Evidence(record, targetSource)).hideIn(record)
}

class SecretHider {
  readonly #replacement: Replacement
  readonly #matcher: SecretMatcher
  /** Secrets that are too short or too common to be hidden everywhere, by their name and their value. */
  readonly #ordinary = new Map<string, FoundSecret>()
  /** The secrets with a pseudonym that are no short values, by their value. */
  readonly #pseudonymized = new Map<string, FoundSecret>()
  /** The route parameters among the secrets, by their value. */
  readonly #segments = new Map<string, FoundSecret>()

  constructor(secrets: readonly FoundSecret[], replacement: Replacement, evidence: Evidence) {
    this.#replacement = replacement
    const ranked = secrets.map((secret) => ({ secret, distinctness: judgeDistinctness(secret) }))
    this.#matcher = new SecretMatcher(ranked, (text, secret) => evidence.includes(text, secret))
    for (const { secret, distinctness } of ranked) {
      if (secret.isPathSegment === true) this.#segments.set(secret.value, secret)
      if (distinctness !== 'ordinary') {
        if (secret.pseudonym !== undefined) this.#pseudonymized.set(secret.value, secret)
      } else if (secret.name !== '') this.#ordinary.set(identify(secret.name, secret.value), secret)
    }
  }

  hideIn(record: AuditRecord): void {
    const { http_request, http_response, user, filter, error, notes, request_id } = record
    if (http_request) record.http_request = this.#hideInRequest(http_request)
    if (http_response)
      record.http_response = { ...http_response, headers: this.#hideInHeaders(http_response.headers) }
    if (user) record.user = this.#hideInUser(user)
    if (filter) record.filter = { ...filter, kwargs: this.#hideInPart(filter.kwargs, 'filter.kwargs') }
    record.results = this.#hideInPart(record.results, 'results')
    record.message = this.#hideInText(record.message, 'message')
    if (notes !== undefined)
      record.notes = notes.map((note) =>
        note instanceof DroppedItems
          ? note
          : { ...note, message: this.#hideInText(note.message, 'notes.message') },
      )
    if (error !== undefined)
      record.error = { ...error, message: this.#hideInText(error.message, 'error.message') }
    if (request_id !== null) record.request_id = this.#hideInText(request_id, 'request_id')
    this.#hideInAct(record)
  }

  #hideInAct(record: AuditRecord): void {
    const { target, reason, changes, attributes, request_body } = record
    if (target !== undefined) record.target = target.map((single) => this.#hideInTarget(single))
    if (reason !== undefined) record.reason = this.#hideInText(reason, 'reason')
    if (attributes !== undefined)
      record.attributes = this.#hideInPart(attributes as JsonValue, 'attributes') as Record<string, JsonValue>
    if (request_body !== undefined) record.request_body = this.#hideInPart(request_body, 'request_body')
    if (changes !== undefined) record.changes = changes.map((change) => this.#hideInChange(change))
  }

  #hideInTarget(target: TargetRecord): TargetRecord {
    if (target instanceof DroppedItems) return target
    const type = this.#hideInText(target.type, 'target.type')
    if (target.id === undefined) return { type }
    const segment = this.#segments.get(target.id)
    return {
      type,
      id: segment ? this.#replace(segment, 'target.id') : this.#hideInText(target.id, 'target.id'),
    }
  }

  #hideInChange(change: ChangeRecord): ChangeRecord {
    return mapChange(
      change,
      (path) => this.#hideInText(path, 'changes.path'),
      (value) => this.#hideInPart(value, 'changes'),
    )
  }

  #hideInRequest(request: RequestRecord): RequestRecord {
    const user_agent = this.#hideInText(request.user_agent, 'http_request.user_agent')
    return { ...request, url: this.#hideInUrl(request.url, 'http_request.url'), user_agent }
  }

  #hideInUser(user: UserRecord): UserRecord {
    const hidden: Record<string, JsonValue> = {}
    for (const [key, value] of Object.entries(user) as [string, JsonValue][])
      hidden[key] =
        key === 'on_behalf_of'
          ? withType(value, this.#hideInProperties(value, 'user.on_behalf_of'))
          : this.#hideInValue(value, `user.${key}`, '')
    return withType(user as never, hidden) as unknown as UserRecord
  }

  #hideInHeaders(headers: JsonValue): JsonValue {
    if (headers instanceof Summary)
      return new Summary(headers.type, headers.count, this.#hideInHeaders(headers.kept))
    if (headers === null) return null
    const hidden = this.#hideInProperties(headers, 'http_response.headers')
    const { 'content-type': contentType } = headers as { [key: string]: JsonValue }
    return contentType === undefined ? hidden : { ...hidden, 'content-type': contentType }
  }

  /** Hides in the values of an object whose keys are those of the record, or names of headers. */
  #hideInProperties(object: JsonValue, path: string): { [key: string]: JsonValue } {
    const entries = Object.entries(object as { [key: string]: JsonValue })
    return Object.fromEntries(
      entries.map(([key, value]) => [key, this.#hideInValue(value, `${path}.${key}`, '')]),
    )
  }

  /** The address is that of the server, which is the same in all records. */
  #hideInUrl(url: string, path: string): string {
    const origin = ORIGIN.exec(url)?.[0] ?? ''
    const pathAndQuery = url.slice(origin.length)
    const query = QUERY_START.exec(pathAndQuery)?.index ?? pathAndQuery.length
    const hiddenPath = this.#hideInPath(pathAndQuery.slice(0, query), path)
    return `${origin}${hiddenPath}${this.#hideInQuery(pathAndQuery.slice(query), path)}`
  }

  #hideInPath(urlPath: string, path: string): string {
    const segments =
      this.#segments.size === 0
        ? urlPath
        : urlPath
            .split('/')
            .map((segment) => this.#hideSegment(segment, path))
            .join('/')
    return this.#hideInText(segments, path)
  }

  /** A route parameter may be a part of a segment: `/files/:name.:token`. */
  #hideSegment(segment: string, path: string): string {
    if (segment === '') return segment
    const parameter = this.#segments.get(segment) ?? this.#segments.get(decodeUrlText(segment))
    if (parameter !== undefined) return this.#replace(parameter, path)
    return segment.replace(PARTS_OF_SEGMENT, (part) => {
      const secret = this.#segments.get(part)
      return secret === undefined ? part : this.#replace(secret, path)
    })
  }

  #hideInQuery(query: string, path: string): string {
    const parameters =
      this.#ordinary.size === 0
        ? query
        : query.replace(PARAMETER, (parameter, name: string, value: string) => {
            const secret = this.#ordinary.get(identify(decodeUrlText(name), decodeUrlText(value)))
            return secret === undefined ? parameter : `${name}=${this.#replace(secret, path)}`
          })
    return this.#hideInText(parameters, path)
  }

  /** A part that was shortened has its content in a summary, whose keys are ours. */
  #hideInPart(part: JsonValue, path: string): JsonValue {
    return part instanceof Summary
      ? new Summary(part.type, part.count, this.#hideInValue(part.kept, path, ''))
      : this.#hideInValue(part, path, '')
  }

  /** @param name the key of the value; items have that of their list */
  #hideInValue(value: JsonValue, path: string, name: string): JsonValue {
    if (typeof value === 'string') return this.#hideScalar(value, path, name)
    if (typeof value === 'number') return this.#hideNumber(value, path, name)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return this.#hideInList(value, path, name)
    if (value instanceof Summary)
      return new Summary(value.type, value.count, this.#hideInValue(value.kept, path, name))
    return this.#hideInObject(value, path)
  }

  /** Returns the same object if nothing changes. */
  #hideInObject(object: { [key: string]: JsonValue }, path: string): JsonValue {
    const hidden = new Dictionary<JsonValue>()
    let isChanged = false
    for (const key of Object.keys(object)) {
      const value = object[key] as JsonValue
      const hiddenKey = this.#hideInKey(key, path, object, hidden)
      const hiddenValue = this.#hideInValue(value, `${path}.${hiddenKey}`, key)
      if (hiddenKey !== key || hiddenValue !== value) isChanged = true
      hidden[hiddenKey] = hiddenValue
    }
    return isChanged ? hidden : object
  }

  /** A key that would be that of another entry gets a number, so that no entry is lost. */
  #hideInKey(key: string, path: string, ...objects: readonly object[]): string {
    const hidden = this.#hideInText(key, path)
    if (hidden === key) return key
    let unique = hidden
    for (let number = 2; objects.some((object) => Object.hasOwn(object, unique)); number++)
      unique = `${hidden}-${number}`
    return unique
  }

  #hideInList(list: readonly JsonValue[], path: string, name: string): JsonValue {
    const hidden = list.map((item) => this.#hideInValue(item, path, name))
    return hidden.some((item, index) => item !== list[index]) ? hidden : (list as JsonValue[])
  }

  #hideScalar(text: string, path: string, name: string): string {
    const secret = this.#ordinary.size === 0 ? undefined : this.#ordinary.get(identify(name, text))
    // `?state=open` must not hide the state of every result.
    const isHidden =
      secret !== undefined && (secret.pseudonym !== undefined || !PARTS_OF_THE_APPLICATION.test(path))
    return isHidden ? this.#replace(secret, path) : this.#hideInText(text, path)
  }

  /** Elasticsearch rejects a text in a field that is mapped to a number, so only a pseudonym replaces a number. */
  #hideNumber(value: number, path: string, name: string): JsonValue {
    const secret = this.#pseudonymized.get(String(value)) ?? this.#ordinary.get(identify(name, String(value)))
    return secret?.pseudonym === undefined ? value : this.#replace(secret, path)
  }

  #hideInText(text: string, path: string): string {
    const replace: ReplaceSecret = (secret) => this.#replace(secret, path)
    return this.#matcher.replaceIn(text, replace)
  }

  #replace({ value, pseudonym }: FoundSecret, path: string): string {
    return pseudonym ?? this.#replacement.replace(value, path)
  }
}

/** The type of a user is one of a few words, whatever else in the exchange is secret. */
function withType(user: JsonValue, hidden: { [key: string]: JsonValue }): { [key: string]: JsonValue } {
  const { type } = user as { [key: string]: JsonValue }
  if (type !== undefined) hidden.type = type
  return hidden
}

/** The parts in which the application chooses the names: the name of a parameter may mean something else there. */
const PARTS_OF_THE_APPLICATION = /^(?:results|attributes|changes)/
const ORIGIN = /^[a-z][a-z0-9+.-]{0,30}:\/\/[^/?#]*/i
const QUERY_START = /[?#]/
const PARAMETER = /(?<=[?&#;])([^=&#;]{1,200})=([^&#;]{1,200})(?=[&#;]|$)/g
const PARTS_OF_SEGMENT = /[^\s.,;:=~!@-]+/g

function identify(name: string, value: string): string {
  return `${name.toLowerCase()}=${value}`
}
