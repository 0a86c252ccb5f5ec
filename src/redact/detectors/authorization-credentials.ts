import { lazy } from '../../lib/lazy.js'
import type { Detector } from './detector.js'

/** Schemes whose credentials are one word, with the longest prefix of a word that prose may have there. */
const SCHEME =
  'bearer|basic|digest|negotiate|ntlm|apikey|api-key|token|dpop|ssws|geniekey|splunk|privatetoken|aws4-hmac-sha256'
const BEFORE = String.raw`(?<![\w-])(${SCHEME})(?:[ \t]+|%20)`
const CREDENTIALS = new RegExp(String.raw`${BEFORE}([^\s"'<>,;\\]{6,})`, 'gi')
/** Belongs to the sentence, not to the credentials. */
const TRAILING_PUNCTUATION = /[.:!?)\]}]{1,3}$/

/** Behind \`Bearer\` these are no credentials, even if nothing else is in the text. */
const WORDS_BEHIND_SCHEME =
  /^(?:tokens?|auth|authentication|authorization|scheme|credentials?|headers?|format|realm.*)$/i
/** Letters only, as a word is written: \`needs\`, \`Needs\`. Other words and hyphens may be added to it. */
const WORD_OF_PROSE = lazy(() => /^[\p{L}][\p{Ll}]*(?:[-/'’][\p{L}][\p{Ll}]*)*$|^\p{Lu}+$/u)
/** Parameters of a challenge (\`WWW-Authenticate\`), which the server sends to everyone. */
const PARAMETER =
  /^(?:realm|error|error_description|error_uri|scope|charset|nonce|qop|algorithm|title|resource_metadata)=/i
const BASE64 = /^[A-Za-z0-9+/_-]{4,}={0,2}$/
/** Bounds the length that is examined. */
const MAX_EXAMINED = 400

export const authorizationCredentials: Detector = {
  id: 'authorization-credentials',
  secret: 'Credentials behind an authentication scheme: `Bearer ...`, `Basic ...`, `Token ...`',
  reason: 'A bearer token is accepted from anyone who presents it, and Basic is a password in base64',
  visible: 'The scheme. Words of letters only are visible, unless nothing else is in the quotes or the text',
  sources: [
    'https://www.rfc-editor.org/rfc/rfc9110#section-11.4',
    'https://www.rfc-editor.org/rfc/rfc6750#section-2.1',
    'https://www.rfc-editor.org/rfc/rfc7617#section-2',
    'https://www.rfc-editor.org/rfc/rfc9449#section-7.1',
  ],
  examples: [
    ['curl -H "Bearer abcdefgh" https://x', 'curl -H "Bearer [REDACTED]" https://x'],
    ['sent Bearer a1b2c3d4 to it', 'sent Bearer [REDACTED] to it'],
    ['Basic amFuOmdlaGVpbQ==', 'Basic [REDACTED]'],
    ['Basic needs were met', 'Basic needs were met'],
    ['Bearer realm="api", error="invalid_token"', 'Bearer realm="api", error="invalid_token"'],
    ['Digest of the meeting', 'Digest of the meeting'],
  ],
  // Not the schemes: they can be written in any case, so a search for them would cost as much as the pattern.
  markers: [' ', '\t'],
  redact: (text, { replacement }) =>
    text.replace(CREDENTIALS, (match: string, scheme: string, word: string, index: number) => {
      if (word.startsWith(replacement)) return match
      const isAlone = isEnd(text[index - 1]) && isEnd(text[index + match.length])
      const punctuation = TRAILING_PUNCTUATION.exec(word)?.[0] ?? ''
      const credentials = word.slice(0, word.length - punctuation.length)
      if (!isCredential(scheme.toLowerCase(), credentials, isAlone)) return match
      return `${match.slice(0, match.length - word.length)}${replacement}${punctuation}`
    }),
}

function isEnd(character: string | undefined): boolean {
  return character === undefined || /["'`\\\r\n]/.test(character)
}

/**
 * Whether a word has the shape of credentials: it has a digit, a character that no word has, or capital letters within
 * it. Behind `Basic`, a user and a password in base64 also count.
 */
function isCredential(scheme: string, word: string, isAlone: boolean): boolean {
  const examined = word.slice(0, MAX_EXAMINED)
  if (PARAMETER.test(examined) || WORDS_BEHIND_SCHEME.test(examined)) return false
  if (scheme === 'basic' && BASE64.test(examined)) {
    if (Buffer.from(examined, 'base64').toString('latin1').includes(':')) return true
  }
  if (WORD_OF_PROSE().test(examined)) return scheme === 'bearer' && isAlone
  return scheme !== 'token' || (/\d/.test(examined) && examined.length >= 8)
}
