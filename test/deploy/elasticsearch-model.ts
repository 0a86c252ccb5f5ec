// A small model of how Elasticsearch maps a document: which fields it creates, and what it rejects. Its rules come from
// the documentation (https://www.elastic.co/docs/reference/elasticsearch/mapping-reference), and
// `scripts/elasticsearch/run.sh` compares it with a real Elasticsearch, document by document.
import { isIP } from 'node:net'

export interface Mapping {
  type?: string
  dynamic?: boolean | string
  enabled?: boolean
  properties?: Record<string, Mapping>
  fields?: Record<string, Mapping>
  ignore_above?: number
  ignore_malformed?: boolean
  depth_limit?: number
}

export interface IndexTemplate {
  index_patterns: string[]
  priority: number
  _meta: { description: string; settings_from: string[] }
  data_stream: object
  template: {
    settings: Record<string, unknown>
    mappings: Mapping & { date_detection?: boolean; runtime?: Record<string, { type: string }> }
    data_stream_options?: { failure_store: { enabled: boolean } }
  }
}

/** The longest term in Lucene, bytes of UTF-8. */
const MAX_TERM_BYTES = 32_766
/** `index.mapping.total_fields.limit` and `index.mapping.depth.limit`. */
const MAX_FIELDS = 1000
const MAX_DEPTH = 20
const INTEGERS = ['byte', 'short', 'integer', 'long']
const NUMBERS = [...INTEGERS, 'float', 'double']
const TEXTS = ['text', 'match_only_text']

/** Elasticsearch rejects a document as a whole, whichever field is invalid. */
export class Rejected extends Error {}

/** An index created from a template. Fields that one document adds to the mapping apply to the next document. */
export class ModelIndex {
  #mappings: IndexTemplate['template']['mappings']
  readonly #ignoresMalformed: boolean

  constructor({ template }: Pick<IndexTemplate, 'template'>) {
    this.#mappings = structuredClone(template.mappings)
    this.#ignoresMalformed = template.settings['index.mapping.ignore_malformed'] === true
  }

  /** The paths of all mapped fields. */
  get fields(): string[] {
    return fieldsOf(this.#mappings)
  }

  /**
   * Indexes a document. Returns per path the reason why its value is accepted.
   *
   * @throws {Rejected}
   */
  index(document: unknown): Map<string, string> {
    const reasons = new Map<string, string>()
    const before = structuredClone(this.#mappings)
    try {
      this.#object(document, this.#mappings, '', reasons, this.#mappings.dynamic ?? true)
      return reasons
    } catch (error) {
      // A rejected document adds no fields.
      this.#mappings = before
      throw error
    }
  }

  #object(
    value: unknown,
    mapping: Mapping,
    path: string,
    reasons: Map<string, string>,
    inherited: boolean | string,
  ): void {
    if (mapping.enabled === false) {
      reasons.set(path, 'not looked into: enabled is false')
      return
    }
    if (eachOf(value, path, reasons, (item) => this.#object(item, mapping, path, reasons, inherited))) return
    if (typeof value !== 'object') throw new Rejected(`${path}: an object is expected, a value was found`)
    for (const [name, item] of Object.entries(value as object)) {
      this.#named(splitName(name, path), item, mapping, path, reasons, mapping.dynamic ?? inherited)
    }
  }

  /** Adds a value under a name, which is a path when it contains dots. */
  #named(
    [name, ...rest]: string[],
    value: unknown,
    parent: Mapping,
    path: string,
    reasons: Map<string, string>,
    dynamic: boolean | string,
  ): void {
    if (name === undefined) return
    const below = path === '' ? name : `${path}.${name}`
    const mapping = parent.properties?.[name] ?? this.#newField(name, value, parent, below, dynamic, rest)
    if (mapping === undefined) reasons.set(below, 'no field: dynamic is false, so it is only in _source')
    else if (rest.length > 0 && mapping.properties)
      this.#named(rest, value, mapping, below, reasons, mapping.dynamic ?? dynamic)
    else if (rest.length > 0 && mapping.enabled !== false)
      throw new Rejected(`${below}: a value is expected, an object was found`)
    else this.#field(value, mapping, below, reasons, dynamic)
  }

  /** The mapping that Elasticsearch creates for an unknown name; `undefined` when it creates none. */
  #newField(
    name: string,
    value: unknown,
    parent: Mapping,
    path: string,
    dynamic: boolean | string,
    rest: string[],
  ): Mapping | undefined {
    if (dynamic === false || dynamic === 'false') return undefined
    const isRuntime = rest.length === 0 && this.#mappings.runtime?.[path] !== undefined
    if (isRuntime && !holdsAnObject(value)) return undefined
    if (dynamic === 'strict') throw new Rejected(`${path}: dynamic is strict`)
    const example = Array.isArray(value) ? value.find((item) => item !== null) : value
    if (example === null || example === undefined) return undefined
    if (countFields(this.#mappings) >= MAX_FIELDS)
      throw new Rejected(`${path}: more than ${MAX_FIELDS} fields`)
    const created: Mapping =
      rest.length > 0 || typeof example === 'object' ? { properties: {} } : { type: this.#guess(example) }
    // Elasticsearch adds a keyword of up to 256 characters to a dynamically mapped text.
    if (created.type === 'text') created.fields = { keyword: { type: 'keyword', ignore_above: 256 } }
    if (created.properties && path.split('.').length >= MAX_DEPTH)
      throw new Rejected(`${path}: objects below more than ${MAX_DEPTH} others`)
    parent.properties ??= {}
    parent.properties[name] = created
    return created
  }

  #guess(value: unknown): string {
    if (typeof value === 'boolean') return 'boolean'
    if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'float'
    const looksLikeADate = /^\d{4}([-/]\d{2}){2}/.test(String(value))
    return this.#mappings.date_detection !== false && looksLikeADate ? 'date' : 'text'
  }

  #field(
    value: unknown,
    mapping: Mapping,
    path: string,
    reasons: Map<string, string>,
    dynamic: boolean | string,
  ): void {
    const { type = 'object' } = mapping
    if (type === 'object') {
      this.#object(value, mapping, path, reasons, dynamic)
      return
    }
    if (eachOf(value, path, reasons, (item) => this.#field(item, mapping, path, reasons, dynamic))) return
    if (type === 'flattened') {
      flattened(value, mapping, path, reasons)
      return
    }
    if (typeof value === 'object') throw new Rejected(`${path}: ${type} takes no object`)
    const malformed = whyMalformed(value, type)
    if (malformed !== undefined && !(mapping.ignore_malformed ?? this.#ignoresMalformed))
      throw new Rejected(`${path}: ${malformed}`)
    reasons.set(
      path,
      malformed === undefined ? whyIndexed(value, mapping, path) : `${malformed}: only in _source`,
    )
    for (const [name, field] of Object.entries(mapping.fields ?? {}))
      this.#field(value, field, `${path}.${name}`, reasons, dynamic)
  }
}

/** The paths of all leaves of a mapping: fields that are not objects with fields of their own. */
export function fieldsOf(mapping: Mapping, path = ''): string[] {
  if (!mapping.properties) return [path]
  return Object.entries(mapping.properties).flatMap(([name, below]) =>
    fieldsOf(below, path === '' ? name : `${path}.${name}`),
  )
}

function holdsAnObject(value: unknown): boolean {
  return Array.isArray(value) ? value.some(holdsAnObject) : typeof value === 'object' && value !== null
}

/** Counts as Elasticsearch does: objects and multi-fields count too. */
function countFields({ properties, fields }: Mapping): number {
  return Object.values({ ...properties, ...fields }).reduce((sum, below) => sum + 1 + countFields(below), 0)
}

function splitName(name: string, path: string): string[] {
  if (name === '') throw new Rejected(`${path}: a field name cannot be empty`)
  const parts = name.replace(/\.+$/, '').split('.')
  if (/^\.*$/.test(name)) throw new Rejected(`${path}: a field name cannot be dots only`)
  if (parts.some((part) => part.trim() === '')) throw new Rejected(`${path}: a part of ${name} is empty`)
  return parts
}

/** Handles null, which is no value, and arrays, which are their items. Returns false for any other value. */
function eachOf(
  value: unknown,
  path: string,
  reasons: Map<string, string>,
  visit: (item: unknown) => void,
): boolean {
  if (value === null) reasons.set(path, 'null')
  else if (!Array.isArray(value)) return false
  else for (const item of value) visit(item)
  return true
}

/** A flattened field is one field: the keys in it are values. */
function flattened(value: unknown, mapping: Mapping, path: string, reasons: Map<string, string>): void {
  if (typeof value !== 'object') throw new Rejected(`${path}: flattened takes an object`)
  flattenedObject(value as object, mapping, path, '', 1)
  reasons.set(path, 'one flattened field: its keys make no fields, and have no types')
}

function flattenedObject(value: object, mapping: Mapping, path: string, key: string, depth: number): void {
  if (depth > (mapping.depth_limit ?? 20)) throw new Rejected(`${path}: deeper than depth_limit`)
  for (const [name, item] of Object.entries(value)) {
    if (name.includes('\0')) throw new Rejected(`${path}: flattened takes no \\0 in a key`)
    flattenedValue(item, mapping, path, key === '' ? name : `${key}.${name}`, depth)
  }
}

function flattenedValue(value: unknown, mapping: Mapping, path: string, key: string, depth: number): void {
  if (value === null) return
  if (Array.isArray(value)) for (const item of value) flattenedValue(item, mapping, path, key, depth)
  else if (typeof value === 'object') flattenedObject(value, mapping, path, key, depth + 1)
  else {
    const text = String(value)
    const bytes = Buffer.byteLength(`${key}\0${text}`)
    if (text.length <= (mapping.ignore_above ?? Number.POSITIVE_INFINITY) && bytes > MAX_TERM_BYTES)
      throw new Rejected(`${path}: key and value are one term of ${bytes} bytes`)
  }
}

function whyMalformed(value: unknown, type: string): string | undefined {
  const text = String(value)
  if (NUMBERS.includes(type)) {
    // An empty text counts as no value.
    if (typeof value === 'boolean' || (text !== '' && text.trim() === '') || !Number.isFinite(Number(text)))
      return `no ${type}`
    return INTEGERS.includes(type) && Math.abs(Number(text)) >= 2 ** 63
      ? `out of the range of ${type}`
      : undefined
  }
  if (type === 'boolean') return ['true', 'false', ''].includes(text) ? undefined : 'no boolean'
  if (type === 'ip') return isIP(text) === 0 ? 'no address' : undefined
  if (type === 'date') return Number.isNaN(Date.parse(text)) ? 'no date' : undefined
  return undefined
}

function whyIndexed(value: unknown, mapping: Mapping, path: string): string {
  const { type = '', ignore_above: longest = Number.POSITIVE_INFINITY } = mapping
  if (TEXTS.includes(type)) return `${type}: its words are indexed, none longer than 255 characters`
  if (type !== 'keyword' && type !== 'wildcard') return `a valid ${type}`
  const text = String(value)
  if (text.length > longest) return `longer than ignore_above (${longest}): only in _source`
  if (type === 'keyword' && Buffer.byteLength(text) > MAX_TERM_BYTES)
    throw new Rejected(`${path}: one term of ${Buffer.byteLength(text)} bytes`)
  return `a ${type} that is short enough`
}
