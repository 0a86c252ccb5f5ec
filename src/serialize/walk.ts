// One walk over what a handler said: it becomes what JSON can say, its secrets are replaced, and the walk stops when
// what it has made is as long as a record may be. Nothing in here throws, whatever it is given.
import { types } from 'node:util'
import { Dictionary } from '../lib/dictionary.js'
import { suppressRejection } from '../lib/safe-read.js'
import { findContextSensitiveKeys, findContextSensitiveMapKeys } from '../redact/context-sensitive-keys.js'
import { mayBeJson, parseJson } from '../redact/parse-json.js'
import type { PathMatcher } from '../redact/path-matcher.js'
import { IN_EVERY_SHAPE, redactShapes } from '../redact/redact-shapes.js'
import type { Rules } from '../redact/rules.js'
import type { SensitiveKeys } from '../redact/sensitive-keys.js'
import type { JsonValue } from './json-value.js'
import type { Summary } from './summary.js'
import { truncateToBytes, truncationMark } from './truncate.js'

/** Quotes, colon, comma: about what JSON adds. */
const BYTES_AROUND_A_VALUE = 4
/** As deep as Elasticsearch's `flattened` goes by default (`depth_limit`: 20). */
const MAX_DEPTH = 20
/** A body that was read as what it is not is in the names: `{ '{"password":"...' : '' }`. */
const SPEAKING_NAME = /[=:{"\0]|eyJ/
/** Each text that has a secret in it has one of these. 0.2 µs less for a name or a number than to look for all of them. */
const SPEAKING_TEXT = new RegExp(`["[{%]|${IN_EVERY_SHAPE.source}`)
const UNREADABLE = '[Unreadable]'
/**
 * What stands for U+0000 in a name: Elasticsearch refuses a record with that in a name of a `flattened` field, and any
 * client can put it there (`/persons?%00=1`).
 */
const SHOWN_NUL = '\u2400'

export interface Snapshot {
  readonly content: JsonValue
  /** Something was left out, because there was too much. */
  readonly isCut: boolean
}

/**
 * A copy of `value` as it is now. `path` says where in the record it will stand.
 *
 * @param budget how many bytes of JSON it may become, about
 */
export function snapshot(value: unknown, path: string, rules: Rules, budget: number): Snapshot {
  const place = rules.places && placeOf(path, rules.places)
  const walk = new Walk(rules, budget)
  const content = contain(() => walk.describe(value, new Position(path, undefined, place))) ?? null
  if (!walk.isCut || typeof value !== 'string') return { content, isCut: walk.isCut }
  return { content: { truncated: true, type: 'string', count: value.length, kept: content }, isCut: true }
}

function placeOf(path: string, places: PathMatcher): PathMatcher | undefined {
  return path.split('.').reduce<PathMatcher | undefined>((above, name) => above?.step(name), places)
}

/** Whatever has been forgotten below: no handler shall hear of it. */
function contain(describe: () => JsonValue | undefined): JsonValue | undefined {
  try {
    return describe()
  } catch {
    return UNREADABLE
  }
}

/** Where in the record the walk is. */
class Position {
  constructor(
    readonly name: string,
    readonly parent: Position | undefined,
    readonly place: PathMatcher | undefined,
    readonly depth = 0,
  ) {}

  step(name: string): Position {
    return new Position(name, this, this.place?.step(name), this.depth + 1)
  }

  /** An item of a list stands where its list does, one level deeper. */
  inList(): Position {
    return new Position(this.name, this.parent, this.place, this.depth + 1)
  }

  withoutPlace(): Position {
    return new Position(this.name, this.parent, undefined, this.depth)
  }

  get path(): string {
    return this.parent === undefined ? this.name : `${this.parent.path}.${this.name}`
  }
}

class Walk {
  isCut = false
  readonly #rules: Rules
  #left: number
  /** From the outermost to the one that is described. So few are found as quickly as in a Set, which takes 0.2 µs to make. */
  readonly #ancestors: object[] = []

  constructor(rules: Rules, budget: number) {
    this.#rules = rules
    this.#left = budget
  }

  /** `undefined` where JSON leaves a value out: `undefined` itself, as everywhere in JavaScript. */
  describe(value: unknown, position: Position): JsonValue | undefined {
    const action = position.place?.action
    if (action === undefined || value === null || value === undefined) return this.#describe(value, position)
    if (action === 'redact') return this.#hide(value, position)
    // Its content is replaced when all of it is known, and not once more on the way.
    if (isScalar(value)) return this.#pseudonymize(value)
    // Each item of a list is one that can be looked up.
    if (Array.isArray(value) || value instanceof Set) return this.#describe(value, position)
    return this.#pseudonymize(this.#describe(value, position.withoutPlace()) ?? null)
  }

  #describe(value: unknown, position: Position): JsonValue | undefined {
    this.#left -= BYTES_AROUND_A_VALUE
    switch (typeof value) {
      case 'string':
        return this.#describeString(value, position)
      case 'boolean':
        return value
      case 'number':
        return Number.isFinite(value) ? value : String(value)
      case 'bigint':
      case 'symbol':
        return this.#cut(String(value))
      case 'undefined':
        return undefined
      case 'function':
        return '[Function]'
      default:
        return value === null ? null : this.#describeObject(value as object, position)
    }
  }

  #describeString(value: string, position: Position): string {
    return this.#clean(this.#cut(value), position)
  }

  #clean(kept: string, position: Position): string {
    const { names } = this.#rules
    if (names === undefined || !SPEAKING_TEXT.test(kept)) return kept
    return mayBeJson(kept) ? this.#describeJson(kept, position) : this.#cleanText(kept, position)
  }

  /** JSON in a string has secrets like any other, also where it was cut. What is no JSON is cleaned as text. */
  #describeJson(text: string, position: Position): string {
    const parsed = parseJson(text)
    if (parsed === undefined) return this.#cleanText(text, position)
    const { value, mark } = parsed
    // What it has cost as a text it does not cost again.
    this.#left += text.length - mark.length
    const described = JSON.stringify(this.#describe(value, position.step('(json)')))
    const isAsWritten = mark === '' && isSameJson(described, value)
    // The text may say a name twice, of which only the last was parsed.
    return isAsWritten ? this.#cleanShapes(text, position) : `${described}${mark}`
  }

  #cleanText(text: string, position: Position): string {
    const { names, cleanText } = this.#rules
    return cleanText(text, names as SensitiveKeys, this.#replacementAt(position))
  }

  #cleanShapes(text: string, position: Position): string {
    return redactShapes(text, this.#rules.names as SensitiveKeys, this.#replacementAt(position))
  }

  /** To tell the path of each text took 0.1 µs. */
  #replacementAt(position: Position): string {
    return this.#rules.replacement ?? this.#rules.hide(undefined, position.path)
  }

  #describeObject(value: object, position: Position): JsonValue | undefined {
    suppressRejection(value)
    if (this.#ancestors.includes(value)) return '[Circular]'
    if (position.depth >= MAX_DEPTH) return '[Too deep]'
    this.#ancestors.push(value)
    try {
      return this.#describeContent(value, position)
    } catch {
      // A getter, a toJSON or a proxy threw. What it threw may be as hostile, so it is not looked at.
      return UNREADABLE
    } finally {
      this.#ancestors.pop()
    }
  }

  #describeContent(value: object, position: Position): JsonValue | undefined {
    if (Array.isArray(value)) return this.#describeList(value, value.length, position)
    return isPlain(value) ? this.#describeRecord(value, position) : this.#describeInstance(value, position)
  }

  #describeInstance(value: object, position: Position): JsonValue | undefined {
    if (value instanceof Date) return describeDate(value)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      return `[Binary: ${value.byteLength ?? '?'} bytes]`
    if (isError(value)) return this.#describeError(value, position)
    if (value instanceof Set) return this.#describeList(value, value.size, position)
    if (value instanceof Map) {
      const secrets = findContextSensitiveMapKeys(value, this.#rules.names)
      return this.#describeEntries(value.keys(), (key) => value.get(key), value.size, position, secrets)
    }
    if (value instanceof URLSearchParams) return this.#describeString(`?${value}`, position)
    if (value instanceof Headers) return this.#describe(Object.fromEntries(value), position)
    if (types.isPromise(value)) return '[Promise]'
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return this.#describe(value.valueOf(), position)
    }
    return this.#describeRecord(value, position)
  }

  #describeRecord(value: object, position: Position): JsonValue | undefined {
    const object = value as Record<string, unknown>
    if (typeof suppressRejection(object.pipe) === 'function') return '[Stream]'
    const toJSON = suppressRejection(object.toJSON)
    if (typeof toJSON === 'function') return this.#describe(toJSON.call(object), position.inList())
    // All of them, once: JavaScript has no other way to the first.
    const keys = Object.keys(value)
    return this.#describeEntries(
      keys,
      (key) => object[key],
      keys.length,
      position,
      findContextSensitiveKeys(object, keys, this.#rules.names),
    )
  }

  #describeError(error: Error, position: Position): JsonValue | undefined {
    const { name, message } = error
    return this.#describe(
      { name: String(suppressRejection(name)), message: String(suppressRejection(message)) },
      position,
    )
  }

  #describeList(items: Iterable<unknown>, count: number, position: Position): JsonValue {
    const list: JsonValue[] = []
    let previous: unknown
    for (const item of items) {
      suppressRejection(item)
      if (this.#left <= 0) return this.#summarize('array', count, list)
      const isHidden = isSecretPair(previous, item, list.length, count, position.name, this.#rules)
      list.push(isHidden ? this.#hide(item, position) : (this.describe(item, position.inList()) ?? null))
      previous = item
    }
    return list
  }

  #describeEntries<Key>(
    keys: Iterable<Key>,
    read: (key: Key) => unknown,
    count: number,
    position: Position,
    secrets?: ReadonlySet<string>,
  ): JsonValue {
    const described = new Dictionary<JsonValue>()
    for (const key of keys) {
      if (this.#left <= 0) return this.#summarize('object', count, described)
      const name = nameOf(key)
      const cutName = this.#cut(name)
      const keptName = SPEAKING_NAME.test(cutName)
        ? this.#clean(cutName.replaceAll('\0', SHOWN_NUL), position)
        : cutName
      const content = this.#describeEntry(name, key, read, secrets?.has(name) === true, position)
      if (content !== undefined) described[keptName] = content
    }
    return described
  }

  /** One unreadable property does not hide its neighbours. */
  #describeEntry<Key>(
    name: string,
    key: Key,
    read: (key: Key) => unknown,
    isSecret: boolean,
    position: Position,
  ): JsonValue | undefined {
    try {
      const value = suppressRejection(read(key))
      const below = position.step(name)
      // A pseudonym that was asked for at this very place hides the value as well, and says more.
      const isHidden = (isSecret || this.#rules.names?.isSensitive(name)) && canBeSecret(name, value)
      if (isHidden && below.place?.action !== 'pseudonymize') return this.#hide(value, below)
      return this.describe(value, below)
    } catch {
      return UNREADABLE
    }
  }

  #hide(value: unknown, position: Position): string {
    return this.#cut(this.#rules.hide(value, position.path))
  }

  #pseudonymize(described: JsonValue | bigint): JsonValue {
    if (Array.isArray(described)) return described.map((item) => this.#pseudonymize(item))
    if (typeof described === 'object' && described !== null) {
      for (const [name, value] of Object.entries(described)) described[name] = this.#pseudonymize(value)
      return described
    }
    const pseudonym = this.#rules.pseudonymize(described)
    this.#left -= String(pseudonym).length
    return pseudonym
  }

  #summarize(type: Summary['type'], count: number, kept: JsonValue): Summary {
    this.isCut = true
    return { truncated: true, type, count, kept }
  }

  /** As much of a text as there is room for, and how much more there was. */
  #cut(text: string): string {
    const kept = truncateToBytes(text, Math.max(this.#left, 0))
    this.#left -= kept.length
    if (kept.length === text.length) return text
    this.isCut = true
    return `${kept}${truncationMark(text.length - kept.length)}`
  }
}

/** Which need not be asked of what class they are. Bytes and errors are what they are under any prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return !ArrayBuffer.isView(value) && !types.isNativeError(value)
}

/** `hasPassword: 'yes'`, as forms and queries say it, is no secret; `hasPassword: 'geheim'` may be one. */
const QUESTION = /^(?:has|is|needs)(?:[A-Z_-]|\s)/
const ANSWER = /^(?:yes|no|true|false|on|off|[01yn])$/i

/**
 * What is neither set nor told by being there is not hidden: hiding it would only hide that nothing is there. And
 * `max_tokens: 512` counts tokens.
 */
function canBeSecret(name: string, value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'boolean') return false
  if (typeof value === 'string' && QUESTION.test(name) && ANSWER.test(value)) return false
  return typeof value !== 'number' || !/tokens$/i.test(name)
}

/** `['password', '...']` among entries, and `['Authorization', '...', 'Host', '...']` as Node's raw headers have it. */
function isSecretPair(
  previous: unknown,
  item: unknown,
  index: number,
  count: number,
  listName: string,
  { names }: Rules,
): boolean {
  if (names === undefined || typeof previous !== 'string' || index % 2 === 0) return false
  // Where a text was cut, the last pair may be half.
  const isHeader =
    /-|^(authorization|cookie)$/i.test(previous) && (count % 2 === 0 || !/^[a-z-]+$/i.test(String(item)))
  const isPair = count === 2 || /headers|trailers/i.test(listName) || isHeader
  return isPair && canBeSecret(previous, item) && names.isSensitive(previous)
}

function isSameJson(described: string | undefined, value: unknown): boolean {
  try {
    return described === JSON.stringify(value)
  } catch {
    // Thousands of levels deep, which JSON.parse takes and JSON.stringify does not.
    return false
  }
}

/** What a pseudonym is made of as it is, so that whoever looks for a value finds it. */
function isScalar(value: unknown): value is string | number | bigint | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}

/** Also of an error from another realm (`node:vm`, a test runner), which is an instance of another `Error`. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error || types.isNativeError(value)
  } catch {
    // A proxy refused to tell its prototype.
    return false
  }
}

/** By the methods of Date itself: those of the value may be anybody's. */
function describeDate(date: Date): string {
  const time = Date.prototype.getTime.call(date)
  return Number.isNaN(time) ? 'Invalid Date' : new Date(time).toISOString()
}

/** A Map may have anything as a key. */
function nameOf(key: unknown): string {
  try {
    return String(key)
  } catch {
    return UNREADABLE
  }
}
