import type { Detector } from './detector.js'

const SCHEME = '(bearer|basic|digest|negotiate|ntlm|apikey|aws4-hmac-sha256)'
/** Shorter words behind a scheme are prose: `Basic needs`. */
const AT_LEAST_SIX_CHARACTERS = String.raw`(?=[^\s"'<>]{6})`
const CREDENTIALS = new RegExp(
  String.raw`(?<![\w-])${SCHEME}[ \t]+${AT_LEAST_SIX_CHARACTERS}[^\s"'<>,;]+`,
  'gi',
)

export const authorizationCredentials: Detector = {
  id: 'authorization-credentials',
  secret: 'Credentials behind an authentication scheme: `Bearer ...`, `Basic ...`',
  reason: 'A bearer token is accepted from anyone who presents it, and Basic is a password in base64',
  visible: 'The scheme',
  sources: [
    'https://www.rfc-editor.org/rfc/rfc9110#section-11.4',
    'https://www.rfc-editor.org/rfc/rfc6750#section-2.1',
    'https://www.rfc-editor.org/rfc/rfc7617#section-2',
  ],
  examples: [
    ['curl -H "Bearer abcdefgh" https://x', 'curl -H "Bearer [REDACTED]" https://x'],
    ['Basic amFuOmdlaGVpbQ==', 'Basic [REDACTED]'],
    ['Basic needs were met', 'Basic needs were met'],
  ],
  // Not the schemes: they can be written in any case, so a search for them would cost as much as the pattern.
  markers: [' ', '\t'],
  redact: (text, { replacement }) =>
    text.replace(CREDENTIALS, (_match, scheme) => `${scheme} ${replacement}`),
}
