// Validates an event against the published class API Activity of OCSF 1.9.
import { readJson } from './read-file.js'

interface Attribute {
  readonly type: string
  readonly requirement: 'required' | 'recommended' | 'optional'
  readonly object?: true
  readonly is_array?: true
  readonly deprecated?: true
  readonly profile?: string
  readonly enum?: Readonly<Record<string, string>>
}
interface Definition {
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly constraints?: { readonly at_least_one?: readonly string[] }
}
interface Type {
  readonly type?: string
  readonly regex?: string
  readonly max_len?: number
  readonly range?: readonly [number, number]
}
interface Schema {
  readonly class: Definition & { readonly category_uid: number; readonly class_uid: number }
  readonly objects: Readonly<Record<string, Definition>>
  readonly types: Readonly<Record<string, Type>>
}

const schema = readJson<Schema>('test/schemas/ocsf-1.9-api-activity.json')
/** The schema file describes these two by the base event, so their values are checked separately. */
const IDENTITY = { category_uid: schema.class.category_uid, class_uid: schema.class.class_uid }

export function findOcsfViolations(event: Record<string, unknown>): string[] {
  const { metadata } = event as { metadata?: { profiles?: string[] } }
  const violations = findObjectViolations('', event, schema.class, metadata?.profiles ?? [])
  for (const [name, uid] of Object.entries(IDENTITY)) {
    if (event[name] !== uid) violations.push(`${name} is ${event[name]}`)
  }
  if (event.type_uid !== schema.class.class_uid * 100 + Number(event.activity_id)) {
    violations.push(`type_uid is ${event.type_uid}`)
  }
  for (const [name, sibling] of [
    ['activity_id', 'activity_name'],
    ['severity_id', 'severity'],
    ['status_id', 'status'],
    ['action_id', 'action'],
    ['disposition_id', 'disposition'],
  ] as const) {
    const caption = schema.class.attributes[name]?.enum?.[String(event[name])]
    // 99 means `Other`: the caption is the name that the source uses.
    if (event[name] !== 99 && event[sibling] !== undefined && event[sibling] !== caption) {
      violations.push(`${sibling} is ${event[sibling]}`)
    }
  }
  return [...violations, ...findUnusedProfiles(event), ...findContradictions(event as unknown as EventFacts)]
}

/** A profile in `metadata.profiles` without any of its attributes states more than the event has. */
function findUnusedProfiles(event: Record<string, unknown>): string[] {
  const { profiles = [] } = event.metadata as { profiles?: string[] }
  return profiles
    .filter(
      (name) =>
        !Object.entries(schema.class.attributes).some(
          ([attribute, { profile }]) => profile === name && event[attribute] !== undefined,
        ),
    )
    .map((name) => `the profile ${name} has no attribute`)
}

interface EventFacts {
  readonly status_code?: string
  readonly status_id?: number
  readonly start_time?: number
  readonly end_time?: number
  readonly duration?: number
  readonly severity_id?: number
  readonly metadata?: { readonly log_level?: string }
  readonly api?: { readonly response?: { readonly code?: number; readonly error?: string } }
  readonly http_response?: { readonly code?: number }
  readonly action_id?: number
  readonly actor?: { readonly user?: { readonly type?: string; readonly type_id?: number } }
}

const SEVERITIES_BY_LEVEL: Readonly<Record<string, number>> = {
  DEBUG: 1,
  INFO: 1,
  WARNING: 3,
  ERROR: 4,
  CRITICAL: 5,
}

/** Attributes that must not contradict each other. */
function findContradictions(event: EventFacts): string[] {
  const {
    status_code,
    status_id,
    start_time,
    end_time,
    duration,
    severity_id,
    metadata,
    api,
    http_response,
    action_id,
    actor,
  } = event
  const violations: string[] = []
  const codes = [status_code, api?.response?.code, http_response?.code]
  if (new Set(codes.map((code) => (code === undefined ? '' : String(code)))).size > 1) {
    violations.push(`the status is ${codes}`)
  }
  const isFailure = Number(status_code) >= 400 || api?.response?.error !== undefined || action_id === 2
  // A handler can state the failure of an action that was answered with a status below 400.
  if (isFailure && status_id !== 2) violations.push(`status_id is ${status_id}`)
  const { type, type_id } = actor?.user ?? {}
  const caption = schema.objects.user?.attributes.type_id?.enum?.[String(type_id)]
  if (type !== undefined && type_id !== 99 && type !== caption) violations.push(`actor.user.type is ${type}`)
  if (duration !== undefined && Number(end_time) - Number(start_time) !== duration) {
    violations.push('end_time is not start_time and duration')
  }
  if (severity_id !== SEVERITIES_BY_LEVEL[metadata?.log_level ?? ''])
    violations.push(`severity_id is ${severity_id}`)
  return violations
}

function findObjectViolations(
  path: string,
  value: Record<string, unknown>,
  { attributes, constraints }: Definition,
  profiles: readonly string[],
): string[] {
  const violations: string[] = []
  const isOn = ({ profile }: Attribute) => profile === undefined || profiles.includes(profile)
  for (const [name, attribute] of Object.entries(attributes)) {
    if (attribute.requirement === 'required' && isOn(attribute) && value[name] === undefined) {
      violations.push(`${path}${name} is missing`)
    }
  }
  for (const [name, inner] of Object.entries(value)) {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined
    if (attribute === undefined) violations.push(`${path}${name} is not a known attribute`)
    else if (!isOn(attribute)) violations.push(`${path}${name} belongs to the profile ${attribute.profile}`)
    else if (attribute.deprecated) violations.push(`${path}${name} is deprecated`)
    else violations.push(...findAttributeViolations(`${path}${name}`, inner, attribute, profiles))
  }
  const choices = constraints?.at_least_one ?? []
  if (choices.length > 0 && !choices.some((name) => value[name] !== undefined)) {
    violations.push(`${path} has none of ${choices}`)
  }
  return violations
}

function findAttributeViolations(
  path: string,
  value: unknown,
  attribute: Attribute,
  profiles: readonly string[],
): string[] {
  if (Array.isArray(value) !== (attribute.is_array ?? false))
    return [`${path} is ${attribute.is_array ? 'not an' : 'an'} array`]
  return [value].flat().flatMap((item, index) => {
    const place = attribute.is_array ? `${path}.${index}` : path
    if (attribute.object) {
      const definition = schema.objects[attribute.type]
      if (typeof item !== 'object' || item === null || Array.isArray(item))
        return [`${place} is not an object`]
      // `object` is the empty base of all objects; `unmapped` has this type and may contain anything.
      if (attribute.type === 'object') return []
      if (definition === undefined) return [`${place}: the schema file has no ${attribute.type}`]
      return findObjectViolations(`${place}.`, item as Record<string, unknown>, definition, profiles)
    }
    if (!isOfType(item, attribute.type))
      return [`${place} is not of type ${attribute.type}: ${JSON.stringify(item)}`]
    const isIdentity = path === 'category_uid' || path === 'class_uid'
    if (attribute.enum && !isIdentity && !Object.hasOwn(attribute.enum, String(item))) {
      return [`${place} has a value that is not allowed: ${item}`]
    }
    return []
  })
}

function isOfType(value: unknown, name: string): boolean {
  const type = schema.types[name]
  if (type === undefined) return false
  const { type: base, regex, max_len, range } = type
  if (base !== undefined && !isOfType(value, base)) return false
  if (regex !== undefined && !new RegExp(regex).test(value as string)) return false
  if (max_len !== undefined && (value as string).length > max_len) return false
  if (range !== undefined && ((value as number) < range[0] || (value as number) > range[1])) return false
  switch (name) {
    case 'string_t':
      return typeof value === 'string'
    case 'integer_t':
    case 'long_t':
      return Number.isSafeInteger(value)
    case 'boolean_t':
      return typeof value === 'boolean'
    case 'float_t':
      return typeof value === 'number'
    default:
      return true
  }
}
