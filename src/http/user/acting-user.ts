// Who acts, and on whose behalf: an employee who is logged in as a customer, or a party that uses a token of somebody
// else. After ECS, where `user` is the one who acts and `user.effective` the one whose rights are used
// (https://www.elastic.co/docs/reference/ecs/ecs-user-usage).
import { firstDefined, readProperty, readSafely } from '../../lib/safe-read.js'
import { type Names, type Person, readPerson, shareName, toIdentifier } from './person.js'
import type { AuditUser } from './user.js'

/**
 * Where the claims of a token, or a user, name the one who acts. `may_act` is not among them: it names a party that could
 * act (RFC 8693 section 4.4).
 */
const ACTOR_PROPERTIES = new Set([
  // RFC 8693 section 4.1; Clerk and Auth0.
  'act',
  // Clerk's `auth().actor`.
  'actor',
  // Keycloak's mapper of impersonated sessions; Auth0.
  'impersonator',
  'impersonatorId',
  'impersonator_id',
  // Admin plugin of Better Auth.
  'impersonatedBy',
  'impersonated_by',
])
/** Only an object in these two names an actor: a text may be anything. */
const OBJECT_PROPERTIES = new Set(['act', 'actor'])

/** Where handlers written by hand remember, in a session or on the request, who is logged in as somebody else. */
const IMPERSONATOR_PROPERTIES = [
  'impersonator',
  'impersonatorId',
  'impersonator_id',
  'impersonatedBy',
  'impersonated_by',
]
/** The same; on a request these may also be a row before an update, so there they count only before the routes. */
const AMBIGUOUS_PROPERTIES = [
  'originalUser',
  'originalUserId',
  'realUser',
  'realUserId',
  'trueUser',
  'trueUserId',
]

/** Properties that state an impersonation without naming who acts. */
const IMPERSONATION_FLAGS = [
  'impersonated',
  'isImpersonated',
  'is_impersonated',
  'isImpersonating',
  'impersonating',
]

const ALL_IMPERSONATOR_PROPERTIES = [...IMPERSONATOR_PROPERTIES, ...AMBIGUOUS_PROPERTIES]

/** Enough for any chain of delegation; the value may be hostile. */
const MAX_ACTORS = 10

/** The actor named by the claims of a token, or by a user; `undefined` if there is none. */
export function findActor(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  // Hot path: claims have few properties, and most of them none of these.
  const names = readSafely(() => Object.keys(value)) ?? []
  return firstDefined(names, (name) => (ACTOR_PROPERTIES.has(name) ? readActor(value, name) : undefined))
}

/** Who is logged in as somebody else, according to a session or a request; `undefined` if nobody is. */
export function findImpersonator(holder: unknown): unknown {
  return firstDefined(ALL_IMPERSONATOR_PROPERTIES, (name) => readActor(holder, name))
}

/**
 * The properties of a request that name an impersonator.
 *
 * @param isEarly no route has run yet
 */
export function copyImpersonators(
  read: (name: string) => unknown,
  isEarly: boolean,
): Record<string, unknown> {
  const names = isEarly ? ALL_IMPERSONATOR_PROPERTIES : IMPERSONATOR_PROPERTIES
  const copy: Record<string, unknown> = {}
  for (const name of [...names, ...IMPERSONATION_FLAGS]) {
    const value = read(name)
    if (value !== undefined) copy[name] = value
  }
  return copy
}

function readActor(holder: unknown, name: string): unknown {
  const actor = readProperty(holder, name)
  if (typeof actor === 'object' && actor !== null) return actor
  return OBJECT_PROPERTIES.has(name) ? undefined : toIdentifier(actor)
}

/** Whether a value states that somebody else acts, without naming who. */
export function statesImpersonation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return (
    IMPERSONATION_FLAGS.some((name) => isSet(readProperty(value, name))) ||
    IMPERSONATOR_PROPERTIES.some((name) => readProperty(value, name) === true) ||
    // RFC 8693 section 4.1: the value is an object.
    isSet(readProperty(value, 'act'))
  )
}

function isSet(value: unknown): boolean {
  return Boolean(value) && value !== 'false' && value !== '0'
}

/**
 * The user of a record in which somebody acts on behalf of `onBehalfOf`.
 *
 * @param isClaim the actor is named by the value that names `onBehalfOf`, so their ids are from one source
 * @returns `undefined` if `actor` names nobody, or cannot be told from `onBehalfOf`
 */
export function describeActingUser(actor: unknown, onBehalfOf: Person, isClaim: boolean): Person | undefined {
  const acting = readPerson(actor)
  if (typeof acting === 'string') return undefined
  if (shareName(acting.names, onBehalfOf.names) && !contradict(acting.names, onBehalfOf.names)) {
    // A user who acts for themself: some libraries name the actor always. An id from another table may be equal.
    return isClaim || acting.names.size > 1 ? onBehalfOf : undefined
  }
  const { provider, realm, email, roles, id, type, tenant } = onBehalfOf.user
  const via = readEarlierActors(actor)
  const user: AuditUser = {
    ...acting.user,
    // An actor without an issuer of their own has that of the token.
    provider: acting.user.provider ?? provider,
    realm: acting.user.realm ?? realm,
    // The token lets them act in this tenant.
    tenant: acting.user.tenant ?? tenant,
    onBehalfOf: { id, email, provider, realm, roles, type, tenant, via: via.length > 0 ? via : undefined },
  }
  return { ...acting, user }
}

/** Whether two persons with a name in common have different names of another kind: their ids are from two tables. */
function contradict(one: Names, other: Names): boolean {
  return [...one].some(([kind, name]) => other.has(kind) && other.get(kind) !== name)
}

/** RFC 8693 section 4.1: of nested `act` claims, the outermost is the current actor, and the others were it before. */
function readEarlierActors(actor: unknown): string[] {
  const ids: string[] = []
  let earlier = readProperty(actor, 'act')
  while (typeof earlier === 'object' && earlier !== null && ids.length < MAX_ACTORS) {
    const person = readPerson(earlier)
    ids.push(typeof person === 'string' ? '' : (person.user.id ?? person.user.email ?? ''))
    earlier = readProperty(earlier, 'act')
  }
  return ids
}
