// How well a value in a place of users shows who sent the request. Callbacks of parameters (`app.param('user', ...)`) and
// middleware that loads a record put the user whom the request is about into the same places, so what counts is who put
// the value there, and when. docs/users.md has the list.
import { readProperty, readSafely, suppressRejection } from '../../lib/safe-read.js'
import { type Person, readPerson, toIdentifier } from './person.js'
import { isInRequestToken } from './request-token.js'

/** Ranks; a higher one is better evidence. */
export const EVIDENCE = {
  /** Put there when a route or a parameter may have selected it. Alone it does not count. */
  route: 0,
  /** Put there by middleware that runs before the routes. */
  middleware: 1,
  /** In the session. */
  session: 2,
  /** Passport has authenticated the request, or restored the user from the session. */
  passport: 3,
  /** The claims of a token, in the place of a library that verifies tokens. */
  token: 4,
} as const
export type Evidence = (typeof EVIDENCE)[keyof typeof EVIDENCE]

/** The most specific code that has run in a request so far. */
export const PHASE = {
  middleware: 0,
  /** A route without parameters. */
  route: 1,
  /** A route with parameters, or a callback of a parameter. */
  parameters: 2,
} as const
export type Phase = (typeof PHASE)[keyof typeof PHASE]

/** The state of the request when the places are read. */
export interface Circumstances {
  readonly phase: Phase
  /** Passport has authenticated the request since the places were read before. */
  readonly isNewlyAuthenticated: boolean
}

/** The parts of a request with which users are compared. */
export interface RequestParts {
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly body: unknown
  /** The user in the session of Passport. */
  readonly passportUser: unknown
}

/** Levels of a body in which a name is looked for, and values in one level. */
const MAX_DEPTH = 3
const MAX_VALUES = 100

/** The evidence for a value that anybody may have put there. */
export function weigh(
  person: Person,
  value: unknown,
  isPlaceOfPassport: boolean,
  { phase, isNewlyAuthenticated }: Circumstances,
  parts: RequestParts,
): Evidence {
  const isEarly = phase === PHASE.middleware
  if (person.isToken && (isEarly || isInRequestToken(value, parts))) return EVIDENCE.token
  if (isPlaceOfPassport) {
    const comparison = compareWithSession(person, value, parts.passportUser)
    if (comparison === 'different') return EVIDENCE.route
    if (comparison === 'same' || isNewlyAuthenticated) return EVIDENCE.passport
    if (comparison === 'unknown' && isEarly) return EVIDENCE.passport
  }
  if (isEarly) return EVIDENCE.middleware
  const isSelected = phase === PHASE.parameters || namesInRequest(person, parts)
  return isSelected ? EVIDENCE.route : EVIDENCE.middleware
}

/** Whether a user is the one in the session of Passport; `undefined` if there is none. */
function compareWithSession(
  person: Person,
  value: unknown,
  passportUser: unknown,
): 'same' | 'different' | 'unknown' | undefined {
  if (passportUser === undefined || passportUser === null) return undefined
  const inSession = readPerson(passportUser)
  if (typeof inSession === 'string') return 'unknown'
  const names = new Set(person.names.values())
  const texts = readOwnTexts(value)
  const sessionNames = [...inSession.names.values()]
  if (sessionNames.some((name) => names.has(name) || texts.has(name))) return 'same'
  const kinds = new Set([...names].map(classifyId))
  return sessionNames.some((name) => kinds.has(classifyId(name))) ? 'different' : 'unknown'
}

/** Whether the request names the person: in the path, the query or the body. */
function namesInRequest(person: Person, { url, body }: RequestParts): boolean {
  const names = new Set([...person.names.values()].map((name) => name.toLowerCase()))
  if (person.user.id !== undefined) names.add(person.user.id.toLowerCase())
  const [path = '', query = ''] = url.split('?', 2)
  const segments = path.split('/').map((segment) => readSafely(() => decodeURIComponent(segment)) ?? segment)
  const values = new URLSearchParams(query).values()
  return (
    [...segments, ...values].some((text) => names.has(text.toLowerCase())) || containsName(body, names, 0)
  )
}

function containsName(value: unknown, names: ReadonlySet<string>, depth: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return names.has(String(value).toLowerCase())
  }
  if (depth === MAX_DEPTH) return false
  const keys = readSafely(() => Object.keys(value).slice(0, MAX_VALUES)) ?? []
  return keys.some((key) => containsName(readProperty(value, key), names, depth + 1))
}

/** The texts and numbers of a user, for comparison only. */
export function readOwnTexts(user: unknown): Set<string> {
  if (typeof user !== 'object' || user === null) return new Set()
  const values = readSafely(() => Object.values(user)) ?? []
  return new Set(
    values
      .map(suppressRejection)
      .map(toIdentifier)
      .filter((text) => text !== undefined),
  )
}

/** Two ids of one kind can be compared: an id of the database and a UUID may belong to one person. */
function classifyId(id: string): string {
  if (/^\d+$/.test(id)) return 'number'
  if (/^[0-9a-f]{24}$/i.test(id)) return 'ObjectId'
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(id)) return 'UUID'
  return id.includes('@') ? 'email' : 'text'
}
