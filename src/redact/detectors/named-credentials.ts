import type { Detector } from './detector.js'
import { matchAt } from './shared/match-at.js'
import { replaceParts } from './shared/replace-parts.js'
import { scanValue } from './shared/value-syntax.js'

const SCHEME = '(digest|aws4-hmac-sha256|oauth|hawk|signature|vapid)'
const SCHEME_ANYWHERE = new RegExp(String.raw`(?<![\w-])${SCHEME}[ \t]+(?=[\w-]{1,40}=)`, 'gi')
const SCHEME_HERE = new RegExp(`${SCHEME}[ \\t]+(?=[\\w-]{1,40}=)`, 'iy')
const PARAMETER_NAME = /([\w-]{1,40})=/y
const UNQUOTED = /[^\s,"'<>\\]*/y
const COMMA = /,[ \t]{0,3}/y

/** Parameters of a challenge (`WWW-Authenticate`), which the server sends to everyone. */
const OF_A_CHALLENGE =
  'realm|qop|algorithm|charset|stale|opaque|nonce|domain|userhash|error|error_description|error_uri|scope'
const CHALLENGE = new RegExp(`^(?:${OF_A_CHALLENGE})$`, 'i')

export const namedCredentials: Detector = {
  id: 'named-credentials',
  secret:
    'Credentials that are a list of parameters: Digest, AWS Signature 4, OAuth 1, Hawk, HTTP Signatures',
  reason: 'The parameters prove who sent the request, and some can be replayed',
  visible: 'The scheme, and the parameters of a challenge',
  sources: [
    'https://www.rfc-editor.org/rfc/rfc7616#section-3.4',
    'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html',
    'https://www.rfc-editor.org/rfc/rfc5849#section-3.5.1',
  ],
  examples: [
    ['sent Digest username="jan", response="abcdef" to it', 'sent Digest [REDACTED] to it'],
    ['sent Digest of the week', 'sent Digest of the week'],
    ['Digest realm="api", qop="auth"', 'Digest realm="api", qop="auth"'],
  ],
  markers: ['='],
  redact(text, { replacement }) {
    return replaceParts(text, SCHEME_ANYWHERE, ({ 0: scheme, index }) => {
      const start = index + scheme.length
      if (text.startsWith(replacement, start)) return undefined
      const end = skipParameters(text, start)
      return end === undefined ? undefined : { start, end, replacement }
    })
  },
}

/** Returns the credentials that begin at this index, with their scheme. */
export function matchNamedCredentials(text: string, start: number): string | undefined {
  const scheme = matchAt(SCHEME_HERE, text, start)
  const end = scheme && skipParameters(text, start + scheme.length)
  return end ? text.slice(start, end) : undefined
}

/** Returns the index behind the parameters; `undefined` if all of them belong to a challenge. */
function skipParameters(text: string, start: number): number | undefined {
  let end = start
  let isChallenge = true
  for (;;) {
    const name = matchAt(PARAMETER_NAME, text, end)
    if (name === undefined) break
    isChallenge &&= CHALLENGE.test(name.slice(0, -1))
    end += name.length
    const isQuoted = /^\\{0,31}["']/.test(text.slice(end, end + 32))
    end = isQuoted ? (scanValue(text, end)?.end ?? end) : end + (matchAt(UNQUOTED, text, end)?.length ?? 0)
    const comma = matchAt(COMMA, text, end)
    if (comma === undefined) break
    end += comma.length
  }
  return isChallenge ? undefined : end
}
