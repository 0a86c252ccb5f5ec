// Makes records comparable with a snapshot: what differs in each run of a test becomes a placeholder.

/** By the path of a field, in the formats `audit`, `ecs` and `ocsf`. `*` stands for any name or index. */
const VARYING_FIELDS: Readonly<Record<string, string>> = {
  // audit
  time: 'time',
  duration_ms: 'duration',
  request_id: 'request_id',
  trace_id: 'trace_id',
  span_id: 'span_id',
  run: 'run',
  'host.name': 'host',
  'service.node_name': 'host',
  'http_response.headers.date': 'time',
  'http_response.headers.x-request-id': 'request_id',
  'integrity.hash': 'hash',
  'checkpoint.root': 'root',
  'checkpoint.note': 'note',
  'previous_checkpoints.*': 'note',
  // ecs
  '@timestamp': 'time',
  'event.start': 'time',
  'event.end': 'time',
  'event.duration': 'duration',
  'http.request.id': 'request_id',
  'url.port': 'port',
  'trace.id': 'trace_id',
  'span.id': 'span_id',
  'service.node.name': 'host',
  'Audit.run': 'run',
  'Audit.response.headers.date': 'time',
  'Audit.response.headers.x-request-id': 'request_id',
  'event.hash': 'hash',
  'Audit.checkpoint.root': 'root',
  'Audit.checkpoint.note': 'note',
  'Audit.previous_checkpoints.*': 'note',
  // ocsf
  start_time: 'time',
  end_time: 'time',
  duration: 'duration',
  'metadata.correlation_uid': 'request_id',
  'device.hostname': 'host',
  'dst_endpoint.port': 'port',
  'dst_endpoint.name': 'host',
  'http_request.url.port': 'port',
  'http_response.latency': 'duration',
  'trace.uid': 'trace_id',
  'unmapped.span_id': 'span_id',
  'unmapped.run': 'run',
  'attestation_list.*.chain_uid': 'run',
  'attestation_list.*.fingerprint.value': 'hash',
  'unmapped.checkpoint.root': 'root',
  'unmapped.checkpoint.note': 'note',
  'unmapped.previous_checkpoints.*': 'note',
}

/** The fields with a sequence number, and with `<run>-<seq>`. */
const SEQUENCE_FIELDS = new Set([
  'seq',
  'event.sequence',
  'metadata.sequence',
  'lost.from_seq',
  'lost.to_seq',
])
const ID_FIELDS = new Set([
  ...['id', 'parent', 'event.id', 'Audit.parent', 'metadata.uid', 'unmapped.parent'],
])

/** The fields that have the origin of a sealed log: `<name>/<run>`. */
const ORIGIN_FIELDS = new Set(['checkpoint.origin', 'Audit.checkpoint.origin', 'unmapped.checkpoint.origin'])
/** The lists whose item of the type `AuditLog` has it as its id. */
const TARGET_LISTS = new Set(['target', 'Audit.target', 'resources'])

const ORIGIN = /^(.+\/)[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
const RECORD_ID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}-(\d+)$/
const PORT_OF_URL = /^(https?:\/\/[^/?#]*?):\d+(?=[/?#]|$)/

/**
 * Returns a copy of a record, or of a list of records, for a comparison with a snapshot. What differs in each run becomes a
 * placeholder: times, durations, ids, the host, ports, and the hashes and signatures of a sealed log. `seq` counts from 1, by first
 * occurrence, and `id` and `parent` name the records by it, so that it stays visible which belong together. Works for lines in the formats `audit`, `ecs` and `ocsf`.
 *
 * @example expect(normalizeRecord(sink.records())).toMatchSnapshot()
 */
export function normalizeRecord<Value>(records: Value): Value {
  return new Normalizer().normalizeAll(records) as Value
}

class Normalizer {
  readonly #ranks = new Map<number, number>()
  /** Also occurs in lists, such as `related.hosts` of ECS. */
  #host: unknown

  normalizeAll(records: unknown): unknown {
    return Array.isArray(records)
      ? records.map((record) => this.#normalizeLine(record))
      : this.#normalizeLine(records)
  }

  /** A line of the default format has the record in `audit`. */
  #normalizeLine(line: unknown): unknown {
    if (!isRecord(line)) return line
    this.#host = readPath(line.audit ?? line, 'host.name')
    if (isRecord(line.audit)) return { ...line, audit: this.#normalize(line.audit, '') }
    return this.#normalize(line, '')
  }

  #normalize(value: unknown, path: string): unknown {
    if (value === null || value === undefined) return value
    const placeholder = Object.hasOwn(VARYING_FIELDS, path) ? VARYING_FIELDS[path] : undefined
    if (placeholder !== undefined) return `<${placeholder}>`
    if (SEQUENCE_FIELDS.has(path)) return this.#rank(Number(value))
    if (typeof value === 'string') return this.#normalizeText(value, path)
    if (Array.isArray(value)) return value.map((item) => this.#normalizeItem(item, path))
    if (!isRecord(value)) return value
    const entries = Object.entries(value).map(([name, child]) => [
      name,
      this.#normalize(child, path === '' ? name : `${path}.${name}`),
    ])
    return Object.fromEntries(entries)
  }

  /** OCSF has headers as a list of names and values. */
  #normalizeItem(item: unknown, path: string): unknown {
    const name = `${path}.*`
    if (TARGET_LISTS.has(path) && isRecord(item) && item.type === 'AuditLog') return normalizeOrigins(item)
    if (path !== 'http_response.http_headers' || !isRecord(item)) return this.#normalize(item, name)
    const field = `http_response.headers.${String(item.name)}`
    return { ...item, value: this.#normalize(item.value, field) }
  }

  #normalizeText(text: string, path: string): string {
    const id = ID_FIELDS.has(path) ? RECORD_ID.exec(text) : null
    if (id !== null) return `<run>-${this.#rank(Number(id[1]))}`
    if (ORIGIN_FIELDS.has(path)) return normalizeOrigin(text)
    if (text === this.#host && path.startsWith('related.hosts.')) return '<host>'
    return text.replace(PORT_OF_URL, '$1:<port>')
  }

  #rank(seq: number): number {
    const rank = this.#ranks.get(seq) ?? this.#ranks.size + 1
    this.#ranks.set(seq, rank)
    return rank
  }
}

function normalizeOrigins(target: Record<string, unknown>): Record<string, unknown> {
  const members = Object.entries(target).map(([name, value]) => [name, normalizeOrigin(String(value))])
  return Object.fromEntries(members)
}

function normalizeOrigin(text: string): string {
  return text.replace(ORIGIN, '$1<run>')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readPath(value: unknown, path: string): unknown {
  return path.split('.').reduce((part, name) => (isRecord(part) ? part[name] : undefined), value)
}
