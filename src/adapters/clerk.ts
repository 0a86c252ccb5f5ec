import { toIdentifier } from '../http/user/person.js'
import { readProperty, readSafely } from '../lib/safe-read.js'

/** Marks the function `req.auth` of Clerk (packages/express/src/utils.ts in clerk/javascript). */
const clerkKey = Symbol.for('@clerk/express.auth')

/** Whether `auth` is the function of Clerk. Any other function belongs to the application, and may do anything. */
export function isClerkFunction(auth: unknown): auth is () => unknown {
  return typeof auth === 'function' && readSafely(() => (auth as { [clerkKey]?: unknown })[clerkKey]) === true
}

/** The user in the state of a Clerk session. In a session that is signed out, `userId` is `null`. */
export function readClerkAuth(auth: unknown): unknown {
  const userId = readProperty(auth, 'userId')
  // The `id` of an API key or of a token of a machine is that of the key; `subject` is the one who has it.
  const subject = readProperty(auth, 'tokenType') === undefined ? undefined : readProperty(auth, 'subject')
  const id = toIdentifier(userId) ?? toIdentifier(subject)
  if (id === undefined) return userId === null || subject === null ? undefined : auth
  const claims = readProperty(auth, 'sessionClaims')
  return {
    sub: id,
    iss: readProperty(claims, 'iss'),
    email: readProperty(claims, 'email'),
    role: readProperty(auth, 'orgRole'),
    act: readProperty(auth, 'actor') ?? readProperty(claims, 'act'),
  }
}
