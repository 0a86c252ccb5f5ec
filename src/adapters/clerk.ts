import { readProperty, toIdentifier } from '../http/person.js'

/** The user in the state of a Clerk session. In a session that is signed out, `userId` is `null`. */
export function readClerkAuth(auth: unknown): unknown {
  const userId = readProperty(auth, 'userId')
  const id = toIdentifier(userId)
  if (id === undefined) return userId === null ? undefined : auth
  const claims = readProperty(auth, 'sessionClaims')
  return {
    sub: id,
    iss: readProperty(claims, 'iss'),
    email: readProperty(claims, 'email'),
    role: readProperty(auth, 'orgRole'),
    act: readProperty(auth, 'actor') ?? readProperty(claims, 'act'),
  }
}
