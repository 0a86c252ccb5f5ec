// Which names say that their value is a secret. A name is read as words, whatever its spelling: `apiKey`, `api_key`,
// `API-Key` and `user[api.key]` all end in the words `api key`.
import { BoundedCache } from '../lib/bounded-cache.js'

/** A name is secret when it ends in one of these, as words of its own or run together with what stands before. */
const SECRET_ENDINGS = [
  // Passwords, in the languages of the forms we know of.
  ...[
    'password',
    'passwd',
    'passphrase',
    'passcode',
    'passkey',
    'passwordkey',
    'pwd',
    'wachtwoord',
    'passwort',
    'kennwort',
    'motdepasse',
    'contrasena',
    'senha',
  ],
  // Bearer credentials: whoever has one is let in. `accesstoken`, `csrftoken`, `idtoken` all end in it.
  ...['token', 'secret', 'jwt', 'jws', 'assertion'],
  // API and signing keys.
  ...[
    'apikey',
    'accesskey',
    'secretkey',
    'privatekey',
    'signingkey',
    'encryptionkey',
    'masterkey',
    'authkey',
    'sharedkey',
  ],
  ...['accountkey', 'subscriptionkey', 'licensekey', 'sshkey', 'accesskeyid', 'secretkeybase'],
  // Credentials as a whole, and the headers that carry them.
  ...['credential', 'authorization', 'authorisation', 'cookie'],
  // OAuth 1 (RFC 5849) and OpenID Connect.
  ...['oauthverifier', 'oauthsignature', 'idtokenhint'],
  // Whoever has the id of a session is its user.
  ...['sessionid', 'sessionkey', 'sessiontoken', 'sessid', 'jsessionid', 'phpsessid'],
  // One-time codes.
  ...[
    'onetimecode',
    'onetimepassword',
    'verificationcode',
    'authcode',
    'authorizationcode',
    'mfacode',
    'smscode',
    'otpcode',
  ],
  ...[
    'totpcode',
    'twofactorcode',
    '2facode',
    'tfacode',
    'recoverycode',
    'backupcode',
    'accesscode',
    'resetcode',
    'pincode',
  ],
  ...[
    'codeverifier',
    'devicecode',
    'usercode',
    'activationcode',
    'confirmationcode',
    'logincode',
    'invitecode',
  ],
  // Payment cards (PCI DSS 3.3: neither the full number nor the code may be kept).
  ...[
    'cardnumber',
    'cardno',
    'cardnr',
    'cardnum',
    'creditcard',
    'debitcard',
    'ccnumber',
    'ccnum',
    'cvv',
    'cvc',
    'cvv2',
    'cvc2',
  ],
  ...['securitycode', 'cardcode', 'cardcvv', 'cardcvc'],
  // Connection strings have a password in them.
  ...['connectionstring', 'databaseurl', 'mongodburi', 'redisurl'],
  // Signed URLs of AWS and Google.
  ...['amzsignature', 'amzcredential', 'googsignature', 'googcredential'],
  // SAML messages are credentials.
  ...['samlresponse', 'samlrequest', 'samlassertion'],
]

/** Too short to look for at the end of other words (`shopping`, `bypass`): secret as the last word alone. */
const SECRET_WORDS = [
  'pwd',
  'pass',
  'pw',
  'psw',
  'otp',
  'totp',
  'mfa',
  'pin',
  'pan',
  'csc',
  'sid',
  'bearer',
  'csrf',
  'xsrf',
  'tan',
  'hmac',
  'pem',
]

/** The same words run together with what often stands before them: `newpass`, `dbpw`. */
const RUN_TOGETHER =
  /^(?:user|usr|new|old|my|cur|current|db|admin|root|login|smtp|sms|mail|email|ftp|ssh|ldap|sql|mysql|pg|account)(?:pass|pw|pin|otp)$/

/** Secret before `code` and `number`: `cvv_code`, `pinNumber`, and not `spinNumber`. */
const NUMBERED_WORDS = new Set([
  'cvv',
  'cvc',
  'cvn',
  'csc',
  'cvv2',
  'cvc2',
  'pin',
  'pan',
  'otp',
  'totp',
  'tan',
])
const NUMBERS = new Set(['code', 'number', 'num', 'nr', 'no'])

/** Secret only as the whole name. */
const SECRET_WHOLE = ['auth', 'xauth', 'basicauth', 'oauth', 'connectsid', 'sess']

/** What may follow a secret word without making it harmless: `passwordConfirm`, `token_value`, `password2`. */
const QUALIFIERS = new Set([
  ...['confirm', 'confirmation', 'confirmed', 'again', 'repeat', 'repeated', 'verify', 'retype', 'check'],
  ...['old', 'new', 'current', 'previous', 'original', 'temp', 'temporary', 'initial'],
  ...[
    'value',
    'raw',
    'plain',
    'text',
    'plaintext',
    'cleartext',
    'string',
    'str',
    'data',
    'field',
    'input',
    'header',
  ],
  ...['hash', 'hashed', 'digest', 'encoded', 'encrypted', 'b64', 'base64', 'pem', 'hex', 'salt'],
])

/** How filters compare, as a word of its own: `password_eq`, `password_not_in`. */
const OPERATORS = new Set([
  'eq',
  'ne',
  'neq',
  'not',
  'in',
  'nin',
  'gt',
  'gte',
  'lt',
  'lte',
  'like',
  'ilike',
  'cont',
])
/** And behind `__`, as Django has it: `password__startswith`. */
const LOOKUPS = new Set([
  ...OPERATORS,
  ...['exact', 'iexact', 'contains', 'icontains', 'startswith', 'istartswith', 'endswith', 'iendswith'],
  ...['range', 'regex', 'iregex', 'nlike', 'matches', 'lower', 'upper'],
])

/** Names that end as a secret does and are none: of pages and requests, and of things that one can touch. */
const HARMLESS = new Set([
  ...['noauth', 'nextpagetoken', 'pagetoken', 'canceltoken'],
  ...['boardingpass', 'buspass', 'fryingpan', 'saucepan', 'safetypin', 'drawingpin', 'fortunecookie'],
])

/** Secret in a query, where names are short: OAuth 2 (RFC 6749), signed URLs of AWS, Google and Azure, API keys. */
const SECRET_IN_QUERY = new Set([
  'code',
  'state',
  'sig',
  'signature',
  'key',
  'session',
  'ticket',
  'nonce',
  'auth',
  'hash',
])
const SECRET_IN_QUERY_ENDINGS = ['signature', 'securitytoken', 'credential']

const KNOWN_NAMES_LIMIT = 2000

/** Answers for names, and remembers: an application uses the same few names again and again. */
export interface SensitiveKeys {
  /** In headers, filters, results: anything with names. */
  isSensitive(name: string): boolean
  /** In the query or fragment of a URL. */
  isSensitiveInQuery(name: string): boolean
}

/**
 * @param options.keys further keys that are sensitive, in any spelling
 * @param options.allowKeys keys that are not, in any spelling
 *
 * @example
 * createSensitiveKeys({ keys: ['bsn'], allowKeys: ['csrfToken'] }).isSensitive('user_bsn')   // true
 */
export function createSensitiveKeys({
  keys = [],
  allowKeys = [],
}: {
  readonly keys?: readonly string[]
  readonly allowKeys?: readonly string[]
}): SensitiveKeys {
  const endings = [...SECRET_ENDINGS, ...keys.map(join)]
  const lastWords = new Set(SECRET_WORDS)
  const whole = new Set(SECRET_WHOLE)
  const allowed = new Set([...HARMLESS, ...allowKeys.map(join)])

  function judge(name: string): boolean {
    const segments = name
      .slice(-MAX_NAME_LENGTH)
      .split(/[[\]]+/)
      .filter(Boolean)
    // `password[$ne]` and `user[password]`: of a password all the same. And `card[number]` is a card number.
    if (segments.length > 1)
      return !allowed.has(join(name)) && (segments.some(judge) || judge(segments.join(' ')))
    const words = wordsOf(withoutLookup(name))
    const all = words.join('')
    const significant = significantOf(words)
    const joined = significant.join('')
    if (allowed.has(joined) || allowed.has(all) || allowed.has(join(name))) return false
    if (whole.has(joined) || isSecretAtEnd(significant)) return true
    // As a whole too: a `connectionString` ends in what elsewhere says nothing.
    return endings.some((ending) => joined.endsWith(ending) || all.endsWith(ending))
  }

  function isSecretAtEnd(significant: readonly string[]): boolean {
    const last = withoutNumber(significant.at(-1) ?? '')
    if (NUMBERS.has(last) && NUMBERED_WORDS.has(significant.at(-2) ?? '')) return true
    return lastWords.has(last) || RUN_TOGETHER.test(last)
  }

  function judgeInQuery(name: string): boolean {
    const words = wordsOf(name)
    const all = words.join('')
    if (allowed.has(all)) return false
    const joined = significantOf(words).join('')
    return (
      SECRET_IN_QUERY.has(all) ||
      SECRET_IN_QUERY_ENDINGS.some((ending) => joined.endsWith(ending)) ||
      judge(name)
    )
  }

  return { isSensitive: remember(judge), isSensitiveInQuery: remember(judgeInQuery) }
}

/** The words of a name without qualifiers and numbers at its end, and without a plural `s`. */
function significantOf(words: readonly string[]): string[] {
  let end = words.length
  while (end > 1 && isQualifier(words[end - 1] as string)) end -= 1
  const last = words[end - 1]
  return last === undefined ? [] : [...words.slice(0, end - 1), singular(last)]
}

/** Also `confirm2`, of a form that asks three times; the number of `base64` is part of its name. */
function isQualifier(word: string): boolean {
  if (QUALIFIERS.has(word) || OPERATORS.has(word) || /^\d+$/.test(word)) return true
  return QUALIFIERS.has(withoutNumber(word))
}

function withoutNumber(word: string): string {
  return word.replace(/\d{1,3}$/, '')
}

function singular(word: string): string {
  const unnumbered = word.length > 4 ? withoutNumber(word) : word
  return /[^su]s$/.test(unnumbered) ? unnumbered.slice(0, -1) : unnumbered
}

/** `password__exact` and `password.$ne` are of a password. */
function withoutLookup(name: string): string {
  const whole = name.slice(-MAX_NAME_LENGTH)
  const operator = whole.indexOf('.$')
  const parts = (operator > 0 ? whole.slice(0, operator) : whole).split('__')
  while (parts.length > 1 && LOOKUPS.has((parts.at(-1) as string).toLowerCase())) parts.pop()
  return parts.join('__')
}

/** Longer names are no names; what stands at their end says what they are. */
const MAX_NAME_LENGTH = 256

function wordsOf(name: string): string[] {
  return name
    .slice(-MAX_NAME_LENGTH)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

function join(name: string): string {
  return wordsOf(name).join('')
}

function remember(judge: (name: string) => boolean): (name: string) => boolean {
  const known = new BoundedCache<boolean>(KNOWN_NAMES_LIMIT)
  return (name) => {
    // Not even looked up: for that, all of it would be read.
    if (name.length > MAX_NAME_LENGTH) return judge(name)
    let isSecret = known.get(name)
    if (isSecret === undefined) {
      isSecret = judge(name)
      known.set(name, isSecret)
    }
    return isSecret
  }
}
