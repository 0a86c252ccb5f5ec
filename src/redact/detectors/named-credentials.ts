import type { Detector } from './detector.js'
import { matchAt } from './value-syntax.js'

const SCHEME = '(digest|aws4-hmac-sha256|oauth|hawk|signature)'
/** `name="value"` or `name=value`, also with escaped quotes. */
const PARAMETER = String.raw`[\w-]{1,40}=(?:\\{0,2}"[^"\r\n]*"?|[^\s,"'<>]*)(?:,[ \t]{0,3})?`
const SOURCE = String.raw`(?<![\w-])${SCHEME}[ \t]+(?:${PARAMETER})+`
const CREDENTIALS = new RegExp(SOURCE, 'gi')
const CREDENTIALS_HERE = new RegExp(SOURCE, 'iy')

export const namedCredentials: Detector = {
  id: 'named-credentials',
  secret:
    'Credentials that are a list of parameters: Digest, AWS Signature 4, OAuth 1, Hawk, HTTP Signatures',
  reason: 'The parameters prove who sent the request, and some can be replayed',
  visible: 'The scheme',
  sources: [
    'https://www.rfc-editor.org/rfc/rfc7616#section-3.4',
    'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html',
    'https://www.rfc-editor.org/rfc/rfc5849#section-3.5.1',
  ],
  examples: [
    ['sent Digest username="jan", response="abcdef" to it', 'sent Digest [REDACTED] to it'],
    ['sent Digest of the week', 'sent Digest of the week'],
  ],
  markers: ['='],
  redact: (text, { replacement }) =>
    text.replace(CREDENTIALS, (_match, scheme) => `${scheme} ${replacement}`),
}

/** Returns the credentials that begin at this index, with their scheme. */
export function matchNamedCredentials(text: string, start: number): string | undefined {
  return matchAt(CREDENTIALS_HERE, text, start)
}
