// The keys that are sensitive by default, in groups with their reasons. Keys are compared as lower-case letters and
// digits: `apikey` stands for `apiKey`, `api_key` and `API-Key`. How a key is compared is in sensitive-keys.ts.
// The groups `...['a', 'b']` change nothing in the lists: they keep the keys of one reason on few lines, where the formatter
// would write one key a line.

/** A key is sensitive if it ends in one of these, also without a word boundary: `accesstoken` ends in `token`. */
export const SENSITIVE_ENDINGS: readonly string[] = [
  // Passwords: English, Dutch, German, French, Spanish and Portuguese.
  ...['password', 'passwd', 'passphrase', 'passcode', 'passkey', 'passwordkey', 'pwd'],
  ...['wachtwoord', 'passwort', 'kennwort', 'motdepasse', 'contrasena', 'senha'],
  // Bearer credentials are accepted from anyone who presents them.
  ...['token', 'secret', 'jwt', 'jws', 'assertion'],
  // API keys and signing keys.
  ...['apikey', 'accesskey', 'secretkey', 'privatekey', 'signingkey', 'encryptionkey', 'masterkey'],
  ...['authkey', 'sharedkey', 'accountkey', 'subscriptionkey', 'licensekey', 'sshkey', 'accesskeyid'],
  ...['secretkeybase'],
  // Credentials in general, and the headers that carry them.
  ...['credential', 'authorization', 'authorisation', 'cookie'],
  // OAuth 1 (RFC 5849) and OpenID Connect.
  ...['oauthverifier', 'oauthsignature', 'idtokenhint'],
  // The id of a session gives access to the session.
  ...['sessionid', 'sessionkey', 'sessiontoken', 'sessid', 'jsessionid', 'phpsessid'],
  // One-time codes.
  ...['onetimecode', 'onetimepassword', 'verificationcode', 'authcode', 'authorizationcode', 'mfacode'],
  ...['smscode', 'otpcode', 'totpcode', 'twofactorcode', '2facode', 'tfacode', 'recoverycode', 'backupcode'],
  ...['accesscode', 'resetcode', 'pincode', 'codeverifier', 'devicecode', 'usercode', 'activationcode'],
  ...['confirmationcode', 'logincode', 'invitecode'],
  // Payment cards: neither the full number nor the verification code may be stored (PCI DSS 3.3).
  ...['cardnumber', 'cardno', 'cardnr', 'cardnum', 'creditcard', 'debitcard', 'ccnumber', 'ccnum'],
  ...['cvv', 'cvc', 'cvv2', 'cvc2', 'securitycode', 'cardcode', 'cardcvv', 'cardcvc'],
  // Connection strings contain a password.
  ...['connectionstring', 'databaseurl', 'mongodburi', 'redisurl'],
  // Signed URLs of AWS and Google.
  ...['amzsignature', 'amzcredential', 'googsignature', 'googcredential'],
  // SAML messages are credentials.
  ...['samlresponse', 'samlrequest', 'samlassertion'],
]

/** Sensitive as the last word of a key only, because other words end in them: `shopping`, `bypass`. */
export const SENSITIVE_LAST_WORDS: readonly string[] = [
  ...['pwd', 'pass', 'pw', 'psw', 'otp', 'totp', 'mfa', 'pin', 'pan', 'csc', 'sid', 'bearer', 'csrf', 'xsrf'],
  ...['tan', 'hmac', 'pem'],
]

/** Words that often stand in front of a short sensitive word without a boundary: `newpass`, `dbpw`. */
const PREFIXES_OF_SHORT_WORDS = [
  ...['user', 'usr', 'new', 'old', 'my', 'cur', 'current', 'db', 'admin', 'root', 'login', 'smtp', 'sms'],
  ...['mail', 'email', 'ftp', 'ssh', 'ldap', 'sql', 'mysql', 'pg', 'account'],
]
/** A short sensitive word behind one of these prefixes. */
export const PREFIXED_SHORT_WORD = new RegExp(`^(?:${PREFIXES_OF_SHORT_WORDS.join('|')})(?:pass|pw|pin|otp)$`)

/** Sensitive in front of a {@link NUMBER_WORDS}: `cvv_code` and `pinNumber`, but not `spinNumber`. */
export const SENSITIVE_BEFORE_NUMBER: ReadonlySet<string> = new Set([
  ...['cvv', 'cvc', 'cvn', 'csc', 'cvv2', 'cvc2', 'pin', 'pan', 'otp', 'totp', 'tan'],
])
export const NUMBER_WORDS: ReadonlySet<string> = new Set(['code', 'number', 'num', 'nr', 'no'])

/** Sensitive only as the whole key. */
export const SENSITIVE_WHOLE_KEYS: readonly string[] = [
  ...['auth', 'xauth', 'basicauth', 'oauth', 'connectsid', 'sess'],
]

/** May follow a sensitive word without changing that the value is a secret: `passwordConfirm`, `token_value`. */
export const QUALIFIERS: ReadonlySet<string> = new Set([
  // Forms that ask for a password more than once.
  ...['confirm', 'confirmation', 'confirmed', 'again', 'repeat', 'repeated', 'verify', 'retype', 'check'],
  ...['old', 'new', 'current', 'previous', 'original', 'temp', 'temporary', 'initial'],
  ...['value', 'raw', 'plain', 'text', 'plaintext', 'cleartext', 'string', 'str', 'data', 'field', 'input'],
  ...['header'],
  // A hash can be attacked offline, and an encoding is no protection.
  ...['hash', 'hashed', 'digest', 'encoded', 'encrypted', 'b64', 'base64', 'pem', 'hex', 'salt'],
])

/** Operators of filters, as the last word: `password_eq`, `password_not_in`. */
export const OPERATORS: ReadonlySet<string> = new Set([
  ...['eq', 'ne', 'neq', 'not', 'in', 'nin', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'cont'],
])

/** Field lookups of Django, behind `__`: `password__startswith`. */
export const LOOKUPS: ReadonlySet<string> = new Set([
  ...OPERATORS,
  ...['exact', 'iexact', 'contains', 'icontains', 'startswith', 'istartswith', 'endswith', 'iendswith'],
  ...['range', 'regex', 'iregex', 'nlike', 'matches', 'lower', 'upper'],
])

/** Harmless keys that end like a sensitive key: page tokens, cancellation tokens, and everyday objects. */
export const HARMLESS_KEYS: readonly string[] = [
  ...['noauth', 'nextpagetoken', 'pagetoken', 'canceltoken'],
  ...['boardingpass', 'buspass', 'fryingpan', 'saucepan', 'safetypin', 'drawingpin', 'fortunecookie'],
]

/** Sensitive as the whole key in a URL, where keys are short: OAuth 2 (RFC 6749), signed URLs, API keys, CAS tickets. */
export const SENSITIVE_IN_QUERY: ReadonlySet<string> = new Set([
  ...['code', 'state', 'sig', 'signature', 'key', 'session', 'ticket', 'nonce', 'auth', 'hash'],
])
/** Sensitive as the end of a key in a URL: signed URLs of AWS, Google and Azure. */
export const SENSITIVE_QUERY_ENDINGS: readonly string[] = ['signature', 'securitytoken', 'credential']
