// Recognizes the claims of a token that the client has sent. A number in `iat` or `exp` alone does not make a token: a row
// of a database may have one as well.
import { readProperty, readSafely } from '../../lib/safe-read.js'

/** The payload of a JWT (RFC 7519 section 3.1), whose first character is an encoded `{"`. */
const JWT_PAYLOAD = /(?<![\w-])eyJ[\w-]*\.(eyJ[\w-]*)\./g
const MAX_TOKENS = 10
/** RFC 7519 section 4.1, and the ids that applications add. */
const COMPARED_CLAIMS = ['iat', 'exp', 'sub', 'id', '_id', 'userId', 'username', 'email', 'jti']

interface TextsOfRequest {
  readonly url: string
  readonly rawHeaders: readonly string[]
}

/** Whether `claims` are those of a JWT in a header, a cookie or the URL of the request. */
export function isInRequestToken(claims: unknown, { rawHeaders, url }: TextsOfRequest): boolean {
  const texts = [...rawHeaders, url].join('\n')
  let count = 0
  for (const [, payload = ''] of texts.matchAll(JWT_PAYLOAD)) {
    const sent: unknown = readSafely(() => JSON.parse(Buffer.from(payload, 'base64url').toString()))
    if (COMPARED_CLAIMS.every((name) => readProperty(sent, name) === readProperty(claims, name))) return true
    if (++count === MAX_TOKENS) return false
  }
  return false
}
