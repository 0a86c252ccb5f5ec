// The fields of a record that the paths of `redact` and `pseudonymize` can lead to. A path that leads nowhere would hide
// nothing, and its author would rely on it.
import type { Check } from '../../lib/validate.js'
import { checkArray, findSimilarName } from '../../lib/validate.js'
import type {
  AuditRecord,
  ErrorRecord,
  FilterRecord,
  NoteRecord,
  OnBehalfOfRecord,
  RequestRecord,
  ResponseRecord,
  TargetRecord,
  UserRecord,
} from '../../record/record.js'

/**
 * The paths that can follow a key: none, any, the name of a header, or the path of one of these fields. Every field that
 * the types have is listed, except those that are never redacted: status, `authenticated`, and the type of a user.
 */
type Following = 'nothing' | 'anything' | 'header' | Fields
interface Fields {
  readonly [name: string]: Following
}

const PATHS = {
  http_request: {
    method: 'nothing',
    url: 'nothing',
    user_agent: 'nothing',
  } satisfies Record<keyof RequestRecord, Following>,
  http_response: {
    reason: 'nothing',
    headers: 'header',
  } satisfies Record<Exclude<keyof ResponseRecord, 'status_code'>, Following>,
  user: {
    provider: 'nothing',
    realm: 'nothing',
    email: 'nothing',
    roles: 'anything',
    ip: 'nothing',
    id: 'nothing',
    name: 'nothing',
    tenant: 'nothing',
    on_behalf_of: {
      provider: 'nothing',
      realm: 'nothing',
      email: 'nothing',
      roles: 'anything',
      id: 'nothing',
      name: 'nothing',
      tenant: 'nothing',
      via: 'nothing',
    } satisfies Record<Exclude<keyof OnBehalfOfRecord, 'type'>, Following>,
  } satisfies Record<Exclude<keyof UserRecord, 'authenticated' | 'type'>, Following>,
  filter: { object: 'nothing', kwargs: 'anything' } satisfies Record<keyof FilterRecord, Following>,
  results: 'anything',
  message: 'nothing',
  target: { type: 'nothing', id: 'nothing' } satisfies Record<keyof TargetRecord, Following>,
  reason: 'nothing',
  changes: 'anything',
  attributes: 'anything',
  request_body: 'anything',
  notes: { message: 'nothing' } satisfies Record<Exclude<keyof NoteRecord, 'type'>, Following>,
  error: { name: 'nothing', message: 'nothing' } satisfies Record<keyof ErrorRecord, Following>,
} satisfies Fields
const FIELDS: Fields = PATHS

/** The fields that paths cannot lead to. Their names are no misspellings of others. */
const OTHER_FIELDS: ReadonlySet<string> = new Set(
  Object.keys({
    type: null,
    time: null,
    duration_ms: null,
    outcome: null,
    ended: null,
    stage: null,
    action: null,
    parent: null,
    children: null,
    children_dropped: null,
    lost: null,
    truncated: null,
    route: null,
    request_id: null,
    trace_id: null,
    span_id: null,
    run: null,
    seq: null,
    id: null,
    service: null,
    host: null,
    run_event: null,
    checkpoint: null,
    previous_checkpoints: null,
    integrity: null,
  } satisfies Record<Exclude<keyof AuditRecord, keyof typeof PATHS>, null>),
)

/** The check of a list of paths. */
export const checkPaths: Check = checkArray({
  expected: 'the path of a field in the record, such as `user.email`, `filter.kwargs.q` or `results.*.bsn`',
  accepts: (value) => typeof value === 'string' && leadsToField(value.split('.'), FIELDS),
  hintFor: (value) => (typeof value === 'string' ? suggestPath(value) : ''),
})

/** The paths of the fields of a part, for a path that is the name of the part: `user` stands for `user.email` and others. */
export function expandPath(path: string): readonly string[] {
  const fields = Object.hasOwn(FIELDS, path) ? FIELDS[path] : undefined
  if (typeof fields === 'object') return Object.keys(fields).map((name) => `${path}.${name}`)
  // Elasticsearch rejects a text in place of an object.
  if (path === 'attributes' || path === 'request_body') return [`${path}.*`]
  const [part, ...keys] = path.split('.')
  if (part === 'changes') return expandChangesPath(keys)
  // With `audited()`, messages of the handler are notes.
  return path === 'message' ? ['message', 'notes.message'] : [path]
}

/**
 * A path of a change has the keys of the objects that were compared, such as `changes.address.city`; before them redaction
 * sees the side, `from` or `to`. A path that begins with a side, as the record is read, leads to the values of that side.
 */
function expandChangesPath(keys: readonly string[]): readonly string[] {
  const rest = keys.map((key) => `.${key}`).join('')
  const paths = [`changes${rest}`, `changes.*${rest}`]
  if (keys.length === 0) return ['changes.*', 'changes.*.*']
  // The values of all properties of this side.
  return keys.length === 1 ? [...paths, `changes${rest}.*`] : paths
}

/** Whether a path can lead to a value in a record. `*` stands for any one key. */
function leadsToField([key, ...rest]: readonly string[], following: Following): boolean {
  if (key === undefined) return true
  if (key === '' || following === 'nothing') return false
  if (following === 'anything') return rest.every((next) => next !== '')
  if (following === 'header') return key === key.toLowerCase() && leadsToField(rest, 'anything')
  if (key === '*') return Object.values(following).some((next) => leadsToField(rest, next))
  const next = Object.hasOwn(following, key) ? following[key] : undefined
  return next !== undefined && leadsToField(rest, next)
}

/** @returns a sentence to append to the message about a wrong path */
function suggestPath(path: string): string {
  const keys = path.split('.')
  const found = findCandidates(keys).find((candidate) => leadsToField(candidate, FIELDS))
  if (found !== undefined) return `. Did you mean \`${found.join('.')}\`?`
  const [part = ''] = keys
  const fields = Object.hasOwn(FIELDS, part) ? FIELDS[part] : undefined
  const known =
    typeof fields === 'object' ? Object.keys(fields).map((name) => `${part}.${name}`) : Object.keys(FIELDS)
  return `. Known fields: ${known.join(', ')}`
}

function findCandidates(keys: readonly string[]): (readonly string[])[] {
  const [first = '', ...rest] = keys
  const parts = Object.keys(FIELDS).filter((part) => typeof FIELDS[part] === 'object')
  return [
    ...(OTHER_FIELDS.has(first) ? [] : [correctKeys(keys, FIELDS)]),
    // The envelope of the default format is no part of the record.
    ...(rest.length > 0 ? [rest] : []),
    ...parts.map((part) => [part, ...keys]),
    ...(first === 'http_request' ? [['http_response', ...rest]] : []),
  ]
}

/** Replaces misspelt keys by the known ones, and drops those below a field that has none. */
function correctKeys([key, ...rest]: readonly string[], following: Following): string[] {
  if (key === undefined || following === 'nothing') return []
  if (following === 'header') return [key.toLowerCase(), ...rest]
  if (following === 'anything') return [key, ...rest]
  const name = Object.hasOwn(following, key) ? key : findSimilarName(key, Object.keys(following))
  const next = name === undefined ? undefined : following[name]
  return name === undefined || next === undefined ? [key, ...rest] : [name, ...correctKeys(rest, next)]
}
