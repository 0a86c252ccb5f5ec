// Finds the user of a request in the places where authentication middleware leaves one.
import { readSafely, suppressRejection } from '../../lib/safe-read.js'
import { describeActingUser, findActor, findImpersonator, statesImpersonation } from './acting-user.js'
import { areDifferent, type Person, readPerson, shareName } from './person.js'

/**
 * Whether the parameters of a route may have selected the user:
 * - `beforeRoute`: no route runs yet. Only the callbacks of `app.param` have seen parameters.
 * - `inRoute`: a route runs, or the response has ended.
 */
export type RoutePhase = 'beforeRoute' | 'inRoute'

/** A place where authentication middleware leaves its user. docs/users.md lists them. */
export interface UserPlace<Context> {
  /** How documentation and messages name it, such as `req.user`. */
  readonly name: string
  read(context: Context): unknown
  /** Whether the library itself states that somebody is logged in, whatever the value names. */
  hasLogin?(context: Context): boolean
  /** Why the value may be something other than the user who sent the request; `undefined` if nothing says so. */
  doubt?(context: Context, person: Person, phase: RoutePhase): string | undefined
}

/** The places of one framework. */
export interface UserPlaces<Context> {
  /** The first one that names somebody counts. */
  readonly users: readonly UserPlace<Context>[]
  /** The objects that may say who is logged in as somebody else: the session, the request. */
  readonly impersonators: readonly ((context: Context) => unknown)[]
}

export type UserFinding =
  | { readonly kind: 'person'; readonly person: Person }
  /** A login, of which the library does not say whose. */
  | { readonly kind: 'login'; readonly problem: string }
  | { readonly kind: 'unknown'; readonly problem: string }
  | { readonly kind: 'nobody' }

interface Candidate {
  readonly place: string
  readonly value: unknown
  readonly person: Person
}

const NOBODY: UserFinding = { kind: 'nobody' }

/** Never throws. */
export function findUser<Context>(
  { users, impersonators }: UserPlaces<Context>,
  context: Context,
  phase: RoutePhase,
): UserFinding {
  const candidates: Candidate[] = []
  let problem: string | undefined
  let login: string | undefined
  for (const place of users) {
    const value = readPlace(place, context)
    // Hot path: most places of most requests are empty.
    if (value === undefined || value === null || value === false) continue
    const person = readPerson(value)
    if (person === 'nobody') continue
    if (person === 'guest') {
      problem ??= `\`${place.name}\` names a guest with an id, which may be logged in or not`
    } else if (person === 'undecided') {
      problem ??= `\`${place.name}\` has a function that says whether the user is logged in, which is not called`
    } else if (person === 'unnamed') {
      if (readSafely(() => place.hasLogin?.(context)) === true) login ??= place.name
      else problem ??= `\`${place.name}\` has a value that names nobody`
    } else {
      const doubt = readSafely(() => place.doubt?.(context, person, phase))
      if (doubt === undefined) candidates.push({ place: place.name, value, person })
      else problem ??= `\`${place.name}\` ${doubt}`
    }
  }
  const [first] = candidates
  if (first !== undefined) return chooseActing(first, candidates, impersonators, context)
  if (login !== undefined) return { kind: 'login', problem: `\`${login}\` shows a login, but names nobody` }
  return problem === undefined ? NOBODY : { kind: 'unknown', problem }
}

/** Hot path: no closure for each place. */
function readPlace<Context>(place: UserPlace<Context>, context: Context): unknown {
  try {
    return suppressRejection(place.read(context))
  } catch {
    return undefined
  }
}

/** The user who acts: `first`, or whoever is logged in as `first`. */
function chooseActing<Context>(
  first: Candidate,
  candidates: readonly Candidate[],
  impersonators: UserPlaces<Context>['impersonators'],
  context: Context,
): UserFinding {
  const { place, person } = first
  const actor = findActor(first.value) ?? findImpersonatorIn(impersonators, context)
  const acting = actor === undefined ? person : describeActingUser(actor, person)
  if (acting === undefined) {
    return { kind: 'unknown', problem: `\`${place}\` is used by somebody else, who is not named` }
  }
  if (acting === person && actor === undefined && statesImpersonation(first.value)) {
    return { kind: 'unknown', problem: `\`${place}\` is impersonated by somebody who is not named` }
  }
  const other = candidates.find(
    (candidate) =>
      areDifferent(person.names, candidate.person.names) && !shareName(acting.names, candidate.person.names),
  )
  if (other !== undefined) {
    return { kind: 'unknown', problem: `\`${place}\` and \`${other.place}\` name different people` }
  }
  return { kind: 'person', person: acting }
}

function findImpersonatorIn<Context>(
  impersonators: UserPlaces<Context>['impersonators'],
  context: Context,
): unknown {
  for (const read of impersonators) {
    const actor = findImpersonator(readSafely(() => read(context)))
    if (actor !== undefined) return actor
  }
  return undefined
}
