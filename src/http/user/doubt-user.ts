// Decides whether a value in the place of the user who sent a request may be the user whom the request is about: callbacks
// of parameters (`app.param('user', ...)`) and middleware that loads a record put that one into the same place.
import { readSafely, suppressRejection } from '../../lib/safe-read.js'
import { type Person, readPerson, toIdentifier } from './person.js'

/** The signs that an adapter finds on a request. */
export interface UserSigns {
  /** The value that names the person. */
  readonly value: unknown
  /** The user in the session of Passport. */
  readonly serialized: unknown
  /** A strategy of Passport that has no session has authenticated the request. */
  readonly isAuthenticated: boolean
  /** The parameters of the route. */
  readonly params: unknown
  /**
   * Whether a parameter has selected the user.
   *
   * @param isNamed the parameter has a name of the person
   */
  wasSelected(param: string, isNamed: boolean): boolean
}

/** The reason to doubt that `person` sent the request; `undefined` if there is none. */
export function doubtUser(person: Person, signs: UserSigns): string | undefined {
  const { serialized } = signs
  const names = new Set(person.names.values())
  if (serialized !== undefined && serialized !== null) {
    const id = toIdentifier(serialized)
    if (id !== undefined && names.has(id)) return undefined
    const inSession = readPerson(serialized)
    if (typeof inSession !== 'string') {
      const sessionNames = [...inSession.names.values()]
      const texts = readOwnTexts(signs.value)
      if (sessionNames.some((name) => names.has(name) || texts.has(name))) return undefined
      const kinds = new Set([...names].map(classifyId))
      if (sessionNames.some((name) => kinds.has(classifyId(name)))) {
        return 'names somebody else than the Passport session'
      }
    }
  }
  if (person.isToken || signs.isAuthenticated) return undefined
  return isSelected(names, signs) ? 'may be the user that the request is about' : undefined
}

function isSelected(names: ReadonlySet<string>, signs: UserSigns): boolean {
  const { params } = signs
  if (typeof params !== 'object' || params === null) return false
  return Object.entries(params).some(([param, value]) => signs.wasSelected(param, names.has(String(value))))
}

/** The texts and numbers of a user, for comparison only. */
function readOwnTexts(user: unknown): Set<string> {
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
