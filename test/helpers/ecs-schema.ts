// Validates a document against the published list of fields of ECS 9.4.0, and its values against the types of
// Elasticsearch.
import { isIP } from 'node:net'
import { readJson } from './read-file.js'

interface Field {
  readonly type: string
  readonly normalize?: readonly string[]
  readonly allowed_values?: readonly {
    readonly name: string
    readonly expected_event_types?: readonly string[]
  }[]
}

const { fields: ECS } = readJson<{ fields: Record<string, Field> }>('test/schemas/ecs-9.4.0-fields.json')

/** The fields of this package that ECS does not define. Names inside the `flattened` and `not parsed` ones are no fields. */
const AUDIT_FIELDS: Record<string, Field> = {
  'Audit.run': { type: 'keyword' },
  'Audit.ended': { type: 'keyword' },
  'Audit.stage': { type: 'keyword' },
  'Audit.route': { type: 'keyword' },
  'Audit.operation': { type: 'keyword' },
  'Audit.outcome': { type: 'keyword' },
  'Audit.target': { type: 'target', normalize: ['array'] },
  'Audit.changes': { type: 'flattened', normalize: ['array'] },
  'Audit.attributes': { type: 'flattened' },
  'Audit.request_body': { type: 'flattened' },
  'Audit.parent': { type: 'keyword' },
  'Audit.children': { type: 'long' },
  'Audit.children_dropped': { type: 'long' },
  'Audit.notes': { type: 'note', normalize: ['array'] },
  'Audit.truncated': { type: 'keyword', normalize: ['array'] },
  'Audit.user.authenticated': { type: 'boolean' },
  'Audit.user.provider': { type: 'keyword' },
  'Audit.user.type': { type: 'keyword' },
  'Audit.filter.object': { type: 'keyword' },
  'Audit.response.reason': { type: 'keyword' },
  'Audit.lost.count': { type: 'long' },
  'Audit.lost.from_seq': { type: 'long' },
  'Audit.lost.to_seq': { type: 'long' },
  'Audit.run_event': { type: 'keyword', allowed_values: [{ name: 'started' }, { name: 'stopped' }] },
  'Audit.checkpoint.origin': { type: 'keyword' },
  'Audit.checkpoint.size': { type: 'long' },
  'Audit.checkpoint.root': { type: 'keyword' },
  'Audit.checkpoint.note': { type: 'keyword' },
  'Audit.previous_checkpoints': { type: 'keyword', normalize: ['array'] },
  'Audit.integrity.index': { type: 'long' },
  'Audit.user.on_behalf_of.provider': { type: 'keyword' },
  'Audit.user.on_behalf_of.type': { type: 'keyword' },
  'Audit.user.on_behalf_of.tenant': { type: 'keyword' },
  'Audit.user.on_behalf_of.via': { type: 'keyword', normalize: ['array'] },
  'Audit.user.on_behalf_of.roles': { type: 'flattened' },
  'Audit.user.roles': { type: 'flattened' },
  'Audit.filter.kwargs': { type: 'flattened' },
  'Audit.response.headers': { type: 'flattened' },
  'Audit.results': { type: 'not parsed' },
}
/** Names, in order, and types of the properties of a note, and of a target with and without an id. */
const NOTE = ['[["message","string"],["type","string"]]']
const TARGET = ['[["type","string"]]', '[["id","string"],["type","string"]]']
const FIELDS = new Map(Object.entries({ ...ECS, ...AUDIT_FIELDS }))
const FIRST = ['@timestamp', 'log.level', 'message', 'ecs.version']

export function findEcsViolations(document: Record<string, unknown>): string[] {
  const violations: string[] = []
  const values = new Map<string, unknown>()

  function walk(value: unknown, path: string): void {
    const field = FIELDS.get(path)
    if (field !== undefined) {
      if (values.has(path)) violations.push(`${path} occurs twice`)
      values.set(path, value)
      violations.push(...findValueViolations(path, value, field))
    } else if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      violations.push(`${path} is not a known field`)
    } else {
      if (Object.keys(value).length === 0) violations.push(`${path} is empty`)
      for (const [name, inner] of Object.entries(value)) walk(inner, `${path}.${name}`)
    }
  }

  for (const [name, value] of Object.entries(document)) walk(value, name)
  const first = Object.keys(document).slice(0, FIRST.length)
  const isSealed = values.has('event.hash')
  // The ECS logging specification recommends the order; the names of a sealed line are sorted (RFC 8785).
  if (!isSealed && String(first) !== String(FIRST)) violations.push(`the document begins with ${first}`)
  if (isSealed !== values.has('Audit.integrity.index'))
    violations.push('event.hash and Audit.integrity.index do not belong together')
  violations.push(...findEventViolations(values))
  return violations
}

/** Checks the rules between fields that the descriptions of ECS state. */
function findEventViolations(values: ReadonlyMap<string, unknown>): string[] {
  const violations: string[] = []
  const types = (values.get('event.type') ?? []) as readonly string[]
  const names = (values.get('event.category') ?? []) as readonly string[]
  const categories = (ECS['event.category']?.allowed_values ?? []).filter(({ name }) => names.includes(name))
  // "Expected event types for category web: access, error, info"
  for (const { name, expected_event_types: expected = [] } of categories) {
    if (!types.some((type) => expected.includes(type)))
      violations.push(`${name} expects another type than ${types}`)
  }
  for (const type of types) {
    const isExpected = categories.some(({ expected_event_types }) => expected_event_types?.includes(type))
    if (categories.length > 0 && !isExpected) violations.push(`event.type ${type} is not expected`)
  }
  if (types.length === 0) violations.push('event.type is empty')
  if (new Set(types).size < types.length) violations.push('event.type has a value twice')
  // "event.outcome ... is generally not populated for ... events with event.type:info"
  if (names.length === 0 && String(types) === 'info' && values.get('event.outcome') === 'unknown') {
    violations.push('event.outcome is unknown for an event that only informs')
  }
  // ECS has no outcome for a denied event: it is a failure.
  if (types.includes('denied') !== (values.get('Audit.outcome') === 'denied'))
    violations.push('event.type and Audit.outcome differ')
  if (types.includes('denied') && values.get('event.outcome') !== 'failure')
    violations.push('event.outcome of a denied event')
  // "This value should be the time difference between the end and start time", in nanoseconds.
  const [start, end, duration] = ['start', 'end', 'duration'].map((name) => values.get(`event.${name}`))
  if ((end === undefined) !== (duration === undefined)) violations.push('event.end and event.duration differ')
  if (end !== undefined) {
    const endByDuration = Date.parse(String(start)) + Number(duration) / 1e6
    if (Math.abs(Date.parse(String(end)) - endByDuration) > 1)
      violations.push('event.end is not start and duration')
  }
  return [...violations, ...findUnrelated(values)]
}

/** The fields whose values ECS collects in `related.*`: "All of the IPs seen on your event." */
const RELATED: Readonly<Record<string, readonly string[]>> = {
  'related.ip': ['client.ip', 'source.ip'],
  'related.user': ['user.id', 'user.email', 'user.effective.id', 'user.effective.email', 'user.target.id'],
  'related.hosts': ['url.domain', 'host.name'],
}

function findUnrelated(values: ReadonlyMap<string, unknown>): string[] {
  return Object.entries(RELATED).flatMap(([name, sources]) => {
    const related = (values.get(name) ?? []) as readonly unknown[]
    return sources
      .filter((source) => values.has(source) && !related.includes(values.get(source)))
      .map((source) => `${name} lacks ${source}`)
  })
}

function findValueViolations(path: string, value: unknown, field: Field): string[] {
  const isList = field.normalize?.includes('array') ?? false
  if (field.type === 'not parsed') return []
  if (isList !== Array.isArray(value)) return [`${path} is ${isList ? 'not an' : 'an'} array`]
  return [value].flat().flatMap((item) => {
    if (!isOfType(item, field.type)) return [`${path} is not of type ${field.type}: ${JSON.stringify(item)}`]
    const allowed = field.allowed_values?.map(({ name }) => name)
    return allowed?.includes(item as string) === false
      ? [`${path} has a value that is not allowed: ${item}`]
      : []
  })
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'keyword':
    case 'wildcard':
    case 'match_only_text':
      return typeof value === 'string'
    case 'long':
      return Number.isSafeInteger(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)
    case 'ip':
      return typeof value === 'string' && isIP(value) !== 0 && !value.includes('%')
    case 'flattened':
      return typeof value === 'object' && value !== null && !Array.isArray(value) && hasValidKeys(value)
    case 'note':
      return NOTE.includes(describeProperties(value))
    case 'target':
      return TARGET.includes(describeProperties(value))
    default:
      return false
  }
}

function describeProperties(value: unknown): string {
  return JSON.stringify(
    Object.entries(value as object)
      .map(([name, inner]) => [name, typeof inner])
      .sort(),
  )
}

/** Elasticsearch rejects others: "Keys in [flattened] fields cannot contain the reserved character \\0". */
function hasValidKeys(value: object): boolean {
  return Object.entries(value).every(
    ([name, inner]) =>
      !name.includes('\0') && (typeof inner !== 'object' || inner === null || hasValidKeys(inner)),
  )
}
