// Finds the user of a request in the places where authentication middleware leaves one.
import { readSafely, suppressRejection, UNREAD } from '../../lib/safe-read.js'
import { describeActingUser, findActor, findImpersonator, statesImpersonation } from './acting-user.js'
import { type Circumstances, EVIDENCE, type Evidence, PHASE, type RequestParts, weigh } from './evidence.js'
import { areDifferent, hasPassword, type Person, type Reading, readPerson, shareName } from './person.js'

/**
 * How far the value in a place can be trusted:
 * - `token`, `session`: the library, or the session, vouches for the value.
 * - `passport`, `value`: anybody may have put it there, so {@link weigh} decides.
 */
export type PlaceKind = 'token' | 'session' | 'passport' | 'value'

/** A place where authentication middleware leaves its user. docs/users.md lists them. */
export interface UserPlace<Context> {
  /** How documentation and messages name it, such as `req.user`. */
  readonly name: string
  read(context: Context): unknown
  readonly kind: PlaceKind | ((context: Context) => PlaceKind)
  /** Whether the library itself states that somebody is logged in, whatever the value names. */
  hasLogin?(context: Context): boolean
}

/** The places of one framework. */
export interface UserPlaces<Context> {
  /** The first one that names somebody counts. */
  readonly users: readonly UserPlace<Context>[]
  /** The objects that may say who is logged in as somebody else: the session, the request. */
  readonly impersonators: readonly ((context: Context, isEarly: boolean) => unknown)[]
  readParts(context: Context): RequestParts
  /** Whether the request carries credentials of its own, beside a session: the header Authorization. */
  hasCredentials(context: Context): boolean
}

export interface FoundPerson {
  readonly kind: 'person'
  readonly person: Person
  readonly evidence: Evidence
  /** The value that names the person. */
  readonly value: unknown
  /** The value has a password beside the name: the client sent it to log in, and the login may have been refused. */
  readonly isCredential: boolean
}

export interface UnknownUser {
  readonly kind: 'unknown'
  readonly problem: string
  /** Places that count name different people. */
  readonly isConflict?: boolean
  /** Whom a value names that does not count. */
  readonly person?: Person
}

export type UserFinding =
  | FoundPerson
  | UnknownUser
  /** Somebody is logged in, but the library does not name them. */
  | { readonly kind: 'login'; readonly problem: string }
  | { readonly kind: 'nobody' }

interface Candidate {
  readonly place: string
  readonly value: unknown
  readonly person: Person
  readonly evidence: Evidence
}

export const NOBODY: UserFinding = { kind: 'nobody' }
const ABOUT = 'may be the user that the request is about'

/** Never throws. */
export function findUser<Context>(
  places: UserPlaces<Context>,
  context: Context,
  circumstances: Circumstances,
): UserFinding {
  const candidates: Candidate[] = []
  let problem: string | undefined
  let login: string | undefined
  for (const place of places.users) {
    const value = readPlace(place, context)
    // Hot path: most places of most requests are empty.
    if (value === undefined || value === null || value === false) continue
    const person = value === UNREAD ? 'unread' : readPerson(value)
    if (typeof person !== 'string') {
      const evidence = readSafely(() => weighPlace(place, value, person, places, context, circumstances))
      candidates.push({ place: place.name, value, person, evidence: evidence ?? EVIDENCE.route })
    } else if (person === 'unnamed' && readSafely(() => place.hasLogin?.(context)) === true) {
      login ??= place.name
    } else if (person !== 'nobody') {
      problem ??= `\`${place.name}\` ${PROBLEMS[person]}`
    }
  }
  const proven = candidates.filter(({ evidence }) => evidence !== EVIDENCE.route)
  if (proven.length > 0) return choose(proven, candidates, places, context, circumstances)
  if (login !== undefined) return { kind: 'login', problem: `\`${login}\` shows a login, but names nobody` }
  const [selected] = candidates
  if (selected !== undefined) {
    return { kind: 'unknown', problem: `\`${selected.place}\` ${ABOUT}`, person: selected.person }
  }
  return problem === undefined ? NOBODY : { kind: 'unknown', problem }
}

const PROBLEMS: Record<Exclude<Reading, Person | 'nobody'> | 'unread', string> = {
  guest: 'names a guest with an id, which may be logged in or not',
  undecided: 'has a function that says whether the user is logged in, which is not called',
  unnamed: 'has a value that names nobody',
  unread: 'has a getter, which is not called because that could change the response',
}

/** Hot path: no closure for each place. */
function readPlace<Context>(place: UserPlace<Context>, context: Context): unknown {
  try {
    return suppressRejection(place.read(context))
  } catch {
    return undefined
  }
}

function weighPlace<Context>(
  { kind }: UserPlace<Context>,
  value: unknown,
  person: Person,
  places: UserPlaces<Context>,
  context: Context,
  circumstances: Circumstances,
): Evidence {
  const kindNow = typeof kind === 'function' ? kind(context) : kind
  if (kindNow === 'token' || kindNow === 'session') return EVIDENCE[kindNow]
  return weigh(person, value, kindNow === 'passport', circumstances, places.readParts(context))
}

/** The user who acts, by the best evidence. */
function choose<Context>(
  proven: readonly Candidate[],
  all: readonly Candidate[],
  places: UserPlaces<Context>,
  context: Context,
  { phase }: Circumstances,
): UserFinding {
  const isEarly = phase === PHASE.middleware
  const holders = places.impersonators.map((read) => readSafely(() => read(context, isEarly)))
  const impersonator = holders.map(findImpersonator).find((found) => found !== undefined)
  const best = findBest(proven, impersonator)
  // If several values name the person, the one in the first place describes them.
  const first = proven.find(({ person }) => shareName(person.names, best.person.names)) ?? best
  const { place, person, value } = first
  const claimed = findActor(value)
  const actor = claimed ?? impersonator
  const acting = actor === undefined ? person : describeActingUser(actor, person, claimed !== undefined)
  if (acting === undefined) return unnamedActor(place)
  if (acting === person && actor === undefined && [value, ...holders].some(statesImpersonation)) {
    return unnamedActor(place)
  }
  const other = all.find(
    (candidate) =>
      !shareName(person.names, candidate.person.names) &&
      !shareName(acting.names, candidate.person.names) &&
      contradicts(best, candidate, () => places.hasCredentials(context)),
  )
  if (other !== undefined) {
    const [one, two] = [first, other]
      .sort((a, b) => all.indexOf(a) - all.indexOf(b))
      .map((found) => found.place)
    const problem = `\`${one}\` and \`${two}\` name different people`
    return { kind: 'unknown', problem, isConflict: true }
  }
  return { kind: 'person', person: acting, evidence: best.evidence, value, isCredential: hasPassword(value) }
}

const unnamedActor = (place: string): UnknownUser => ({
  kind: 'unknown',
  problem: `\`${place}\` is used by somebody else, who is not named`,
  isConflict: true,
})

/** The candidate with the best evidence, if possible not the one who is logged in as somebody else. */
function findBest(proven: readonly Candidate[], impersonator: unknown): Candidate {
  const reading = impersonator === undefined ? 'nobody' : readPerson(impersonator)
  const others =
    typeof reading === 'string'
      ? proven
      : proven.filter(({ person }) => !shareName(person.names, reading.names))
  return (others.length > 0 ? others : proven).reduce((best, candidate) =>
    candidate.evidence > best.evidence ? candidate : best,
  )
}

/** Whether a value for somebody else makes it unknown who sent the request. */
function contradicts(best: Candidate, other: Candidate, hasCredentials: () => boolean): boolean {
  const isInSession = best.evidence === EVIDENCE.session || best.evidence === EVIDENCE.passport
  // A token in the header may be that of the other one.
  if (isInSession && other.evidence < best.evidence && hasCredentials()) return true
  if (other.evidence === EVIDENCE.route) return false
  if (areDifferent(best.person.names, other.person.names)) return true
  return best.evidence === other.evidence && best.evidence !== EVIDENCE.session
}
