// What real clients and frameworks hand over with a secret in it, and what only looks as if it had one.

/** Where in a record a value stands. */
export type Where = 'results' | 'kwargs' | 'url' | 'headers'
/** Makes a value around a secret. */
export type Case = readonly [title: string, where: Where, make: (secret: string) => unknown]

/** Letters and digits alone: no encoding changes it, so that none of its pieces can hide. */
export const SECRET = 'Kq7Zx2Wm9Vt4LpRb6Nd'
export const CARD_NUMBER = 4111111111111111
export const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJLcTdaeDJXbTlWdDRMcCJ9.${SECRET}xYzAbCdEf`
const PEM = (secret: string, kind = 'RSA ') =>
  `-----BEGIN ${kind}PRIVATE KEY-----\nMIIE${secret}\n${secret}\n-----END ${kind}PRIVATE KEY-----\n`
const enc = encodeURIComponent
const base64 = (text: string) => Buffer.from(text).toString('base64')

const NAMES = [
  ...[
    'password',
    'Password',
    'PASSWORD',
    'passwd',
    'userPassword',
    'user_password',
    'password2',
    'pass_word',
  ],
  ...['passwordConfirmation', 'new_password', 'oldPassword', 'password_hash', 'passphrase', 'pwd', 'db-pwd'],
  ...[
    'wachtwoord',
    'nieuwWachtwoord',
    'kennwort',
    'mot_de_passe',
    'contraseña',
    'token',
    'tokens',
    'accessToken',
  ],
  ...[
    'access_token',
    'ACCESS-TOKEN',
    'refreshToken',
    'id_token',
    'csrfToken',
    '_csrf',
    'xsrf',
    'token_value',
  ],
  ...[
    'apiKey',
    'api_key',
    'API-Key',
    'X-API-KEY',
    'api key',
    'apikey',
    'user[api.key]',
    'ａｐｉ＿ｋｅｙ',
    'APIKeys',
  ],
  ...['secret', 'clientSecret', 'client_secret', 'SECRET_KEY', 'secretAccessKey', 'aws_secret_access_key'],
  ...['privateKey', 'private_key', 'signingKey', 'encryption-key', 'Authorization', 'proxy-authorization'],
  ...['cookie', 'Cookies', 'Set-Cookie', 'connect.sid', 'sessionId', 'session_id', 'JSESSIONID', 'PHPSESSID'],
  ...[
    'sid',
    'otp',
    'totp',
    'otpCode',
    'mfa_code',
    'one_time_code',
    'verificationCode',
    'codeVerifier',
    'pin',
  ],
  ...[
    'cardNumber',
    'card_number',
    'creditCard',
    'cvv',
    'cvc2',
    'security_code',
    'jwt',
    'bearer',
    'credentials',
  ],
  ...[
    'SAMLResponse',
    'client_assertion',
    'connectionString',
    'DATABASE_URL',
    'password[$ne]',
    'X-Amz-Signature',
  ],
]

const nameCases: Case[] = NAMES.map((name) => [
  `the name ${name}`,
  'kwargs',
  (s) => ({ person: { [name]: s } }),
])

const headers: Case[] = [
  ['set-cookie', 'headers', (s) => ({ 'set-cookie': [`sid=${s}; Path=/; HttpOnly`, `a=${s}`] })],
  ['set-cookie without a name', 'headers', (s) => ({ 'set-cookie': s })],
  ['set-cookie in other letters', 'headers', (s) => ({ 'Set-Cookie': `sid="${s}"; Secure` })],
  ['location with a token', 'headers', (s) => ({ location: `https://example.org/cb?access_token=${s}` })],
  ['location with a fragment', 'headers', (s) => ({ location: `/cb#id_token=${s}&token_type=bearer` })],
  [
    'location with an OAuth code',
    'headers',
    (s) => ({ location: `https://a.example/cb?code=${s}&state=${s}` }),
  ],
  ['location with user info', 'headers', (s) => ({ location: `https://u:${s}@example.org/` })],
  ['location within location', 'headers', (s) => ({ location: `/login?next=${enc(`/cb?token=${s}`)}` })],
  ['link', 'headers', (s) => ({ link: `<https://u:${s}@example.org/?page=2&api_key=${s}>; rel="next"` })],
  ['refresh', 'headers', (s) => ({ refresh: `0; url=https://example.org/?token=${s}` })],
  ['content-location', 'headers', (s) => ({ 'content-location': `/files/1?sig=${s}` })],
  ['authorization', 'headers', (s) => ({ authorization: `Bearer ${s}` })],
  ['authentication-info', 'headers', (s) => ({ 'authentication-info': `token=${s}` })],
  ['x-auth-token', 'headers', (s) => ({ 'x-auth-token': s })],
  ['x-amz-security-token', 'headers', (s) => ({ 'X-Amz-Security-Token': s })],
  ['a custom header with credentials', 'headers', (s) => ({ 'x-upstream': `Basic ${base64(`u:${s}`)}${s}` })],
  [
    'a custom header with a URL',
    'headers',
    (s) => ({ 'x-download': `https://x.example/f?X-Amz-Signature=${s}` }),
  ],
]

const urls: Case[] = [
  ['user info', 'url', (s) => `https://jan:${s}@example.org/`],
  ['a user alone', 'url', (s) => `https://${s}@example.org/`],
  ['user info with an @ in it', 'url', (s) => `https://jan:p@${s}@example.org/`],
  ['an OAuth callback', 'url', (s) => `https://example.org/cb?code=${s}&state=${s}`],
  ['an implicit grant', 'url', (s) => `https://example.org/cb#access_token=${s}&id_token=${s}&expires_in=1`],
  ['an API key', 'url', (s) => `https://example.org/maps?key=${s}&q=Amsterdam`],
  [
    'AWS Signature 4',
    'url',
    (s) =>
      `https://b.s3.amazonaws.com/f?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${s}&X-Amz-Security-Token=${s}&X-Amz-Signature=${s}`,
  ],
  [
    'AWS Signature 2',
    'url',
    (s) => `https://b.s3.amazonaws.com/f?AWSAccessKeyId=${s}&Expires=1&Signature=${s}`,
  ],
  ['Google', 'url', (s) => `https://storage.googleapis.com/b/f?X-Goog-Credential=${s}&X-Goog-Signature=${s}`],
  ['Azure', 'url', (s) => `https://a.blob.core.windows.net/c/f?sv=2022&se=2030&sp=r&sig=${s}`],
  [';jsessionid', 'url', (s) => `https://example.org/shop;jsessionid=${s}?page=1`],
  ['a matrix parameter', 'url', (s) => `https://example.org/a;token=${s}/b`],
  ['an escaped name', 'url', (s) => `https://example.org/?%70assword=${s}`],
  ['an escaped name beside a broken escape', 'url', (s) => `https://example.org/?%ff%70assword=${s}`],
  ['a nested URL', 'url', (s) => `https://example.org/login?next=${enc(`https://x.example/?token=${s}`)}`],
  [
    'a URL nested thrice',
    'url',
    (s) => `https://example.org/?a=${enc(`/?b=${enc(`/?c=${enc(`/?password=${s}`)}`)}`)}`,
  ],
  [
    'a URL nested more than we look',
    'url',
    (s) => `/?a=${enc(`/?a=${enc(`/?a=${enc(`/?a=${enc(`/?a=${enc(`/?pin=${s}`)}`)}`)}`)}`)}`,
  ],
  ['a nested name as a whole', 'url', (s) => `https://example.org/?next=token%3D${s}`],
  ['a nested user', 'url', (s) => `https://example.org/?u=${enc(`https://jan:${s}@example.org/`)}`],
  ['brackets', 'url', (s) => `https://example.org/?user[password]=${s}&user%5Btoken%5D=${s}`],
  ['an operator', 'url', (s) => `https://example.org/?password[$ne]=${s}`],
  ['a list', 'url', (s) => `https://example.org/?token[]=${s}&token[]=${s}`],
  ['GraphQL variables', 'url', (s) => `https://example.org/graphql?variables=${enc(`{"password":"${s}"}`)}`],
  ['a JSON filter', 'url', (s) => `https://example.org/?filter={"apiKey":"${s}"}`],
  ['a JWT under any name', 'url', () => `https://example.org/?x=${JWT}`],
  ['a query after a second ?', 'url', (s) => `https://example.org/?a=1?token=${s}`],
  ['a semicolon as separator', 'url', (s) => `https://example.org/?a=1;password=${s}`],
  ['a value with ;', 'url', (s) => `https://example.org/?password=ab;${s}&a=1`],
  ['a value with ; and =', 'url', (s) => `https://example.org/?password=ab;${s}=${s}`],
  ['a value with ?', 'url', (s) => `https://example.org/?password=ab?${s}`],
  ['a nested value with ;', 'url', (s) => `https://example.org/?next=/cb?token=ab;${s}&a=1`],
  ['a form whose value has ;', 'results', (s) => `user=jan&password=ab;${s}`],
  ['a form whose value has ?', 'kwargs', (s) => ({ body: `user=jan&password=ab?${s}` })],
  ['JSON that was read as a form', 'kwargs', (s) => ({ [`{"user":"jan","password":"${s}"}`]: '' })],
  ['a URL that was read as a form', 'kwargs', (s) => ({ [`https://u:${s}@example.org/`]: '' })],
  [
    'JSON in JSON that was read as a form',
    'results',
    (s) => [{ [JSON.stringify(JSON.stringify({ token: s }))]: '' }],
  ],
  ['a value with =', 'url', (s) => `https://example.org/?token=a=${s}`],
  ['a CAS ticket', 'url', (s) => `https://example.org/?ticket=ST-1-${s}`],
  ['a relative URL', 'url', (s) => `/reset?reset_token=${s}`],
]

const login = (s: string) => ({ username: 'jan', password: s })

const bodies: Case[] = [
  ['express req.body', 'kwargs', login],
  ['express req.query of an OAuth callback', 'kwargs', (s) => ({ code: s, state: s })],
  ['a token request', 'kwargs', (s) => ({ grant_type: 'authorization_code', code: s, client_id: 'app' })],
  ['express req.query of an Azure URL', 'kwargs', (s) => ({ sv: '2022', se: '2030', sp: 'r', sig: s })],
  ['express req.query of an S3 URL', 'kwargs', (s) => ({ Expires: '1', Signature: s, AWSAccessKeyId: s })],
  [
    'express req.headers',
    'kwargs',
    (s) => ({ headers: { host: 'x', authorization: `Bearer ${s}`, cookie: `sid=${s}` } }),
  ],
  [
    'rawHeaders',
    'kwargs',
    (s) => ({ rawHeaders: ['Host', 'x', 'Authorization', `Bearer ${s}`, 'Token', s] }),
  ],
  ['cookies', 'kwargs', (s) => ({ cookies: { theme: s }, signedCookies: { a: s } })],
  ['nested ten deep', 'results', (s) => nest(10, login(s))],
  ['lists of lists', 'results', (s) => [[[login(s)]]]],
  ['a list under a secret name', 'results', (s) => ({ tokens: [s, { a: s }] })],
  ['an object under a secret name', 'results', (s) => ({ credentials: { user: 'jan', value: s } })],
  ['a number under a secret name', 'results', () => ({ cardNumber: CARD_NUMBER })],
  ['a BigInt under a secret name', 'results', () => ({ card_number: BigInt(CARD_NUMBER) })],
  ['a number in raw pairs', 'results', () => [['card_number', CARD_NUMBER]]],
  [
    'a Buffer under a secret name',
    'results',
    (s) => ({ secret: Buffer.from(s).toJSON(), token: Buffer.from(s) }),
  ],
  [
    'Passport',
    'results',
    (s) => ({ provider: 'google', displayName: 'Jan', accessToken: s, refreshToken: s }),
  ],
  [
    'a Passport user row',
    'results',
    (s) => ({ id: 1, email: 'a@b.nl', password_hash: `$2b$10$${s}`, salt: 1 }),
  ],
  [
    'HAR',
    'results',
    (s) => ({
      request: {
        headers: [{ name: 'Cookie', value: s }],
        postData: { params: [{ name: 'password', value: s }] },
      },
    }),
  ],
  [
    'HAR text',
    'results',
    (s) => ({ postData: { mimeType: 'application/json', text: JSON.stringify(login(s)) } }),
  ],
  ['AWS tags', 'results', (s) => [{ Key: 'db-password', Value: s }]],
  [
    'express-validator',
    'results',
    (s) => ({ errors: [{ type: 'field', msg: 'Invalid', path: 'password', value: s, location: 'body' }] }),
  ],
  ['class-validator', 'results', (s) => [{ property: 'password', value: s, constraints: {} }]],
  [
    'Joi',
    'results',
    (s) => ({
      details: [{ path: ['user', 'password'], context: { key: 'password', label: 'password', value: s } }],
    }),
  ],
  ['zod', 'results', (s) => [{ code: 'too_small', path: ['password'], input: s }]],
  ['GraphQL', 'kwargs', (s) => ({ query: 'mutation', variables: { input: login(s) } })],
  [
    'GraphQL with literals',
    'kwargs',
    (s) => ({ query: `mutation { login(user: "jan", password: "${s}") { id } }` }),
  ],
  [
    'form pairs',
    'kwargs',
    (s) => [
      ['user', 'jan'],
      ['password', s],
    ],
  ],
  ['Object.entries', 'kwargs', (s) => Object.entries(login(s))],
  ['a Map', 'kwargs', (s) => new Map(Object.entries(login(s)))],
  ['a Map in a Map', 'kwargs', (s) => new Map([['form', new Map([['apiKey', s]])]])],
  ['entries in a Set', 'kwargs', (s) => new Set([['token', s]])],
  ['URLSearchParams', 'kwargs', (s) => new URLSearchParams({ user: 'jan', password: s, code: s })],
  ['Headers', 'kwargs', (s) => new Headers({ authorization: `Bearer ${s}`, cookie: `a=${s}` })],
  ['URL', 'kwargs', (s) => ({ target: new URL(`https://u:${s}@example.org/?token=${s}`) })],
  ['JSON in a string', 'kwargs', (s) => ({ body: JSON.stringify(login(s)) })],
  [
    'JSON in JSON in a string',
    'kwargs',
    (s) => ({ body: JSON.stringify({ event: JSON.stringify(login(s)) }) }),
  ],
  ['a JSON string of JSON', 'kwargs', (s) => ({ body: JSON.stringify(JSON.stringify(login(s))) })],
  ['JSON that says it twice', 'kwargs', (s) => ({ body: `{"password":"${s}","password":null}` })],
  ['JSON with spaces', 'kwargs', (s) => ({ body: `\n [ {"api_key" : "${s}"} ]` })],
  ['JSON that was cut', 'kwargs', (s) => ({ body: `{"user":"jan","password":"${s}` })],
  ['JSON with an escaped quote that was cut', 'kwargs', (s) => ({ body: `{"password":"a\\"${s}","b":` })],
  ['JSON in JSON that was cut', 'kwargs', (s) => ({ body: `{"event":"{\\"password\\":\\"${s}\\"` })],
  ['JSON in an error text', 'kwargs', (s) => ({ error: `Unexpected token in {"password":"${s}"} at 12` })],
  ['JSON of Python', 'kwargs', (s) => ({ body: `{'user': 'jan', 'password': '${s}'}` })],
  ['a form body', 'kwargs', (s) => ({ body: `user=jan&password=${s}&remember=1` })],
  ['a form body that begins with it', 'kwargs', (s) => ({ body: `password=${s}` })],
  [
    'a multipart body',
    'kwargs',
    (s) => ({ body: `--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n${s}\r\n--x--` }),
  ],
  [
    'SOAP',
    'kwargs',
    (s) => ({
      body: `<wsse:UsernameToken><wsse:Password Type="x">${s}</wsse:Password></wsse:UsernameToken>`,
    }),
  ],
  [
    'axios config',
    'results',
    (s) => ({
      config: {
        auth: { username: 'u', password: s },
        headers: { Authorization: `Basic ${s}` },
        data: JSON.stringify(login(s)),
        url: `https://x/?api_key=${s}`,
      },
    }),
  ],
  [
    'an axios error',
    'results',
    (s) =>
      Object.assign(new Error('Request failed with status code 401'), {
        config: { headers: { Authorization: s } },
      }),
  ],
  [
    'the JSON of an axios error',
    'results',
    (s) => ({ toJSON: () => ({ message: 'failed', config: { headers: { 'X-Api-Key': s } } }) }),
  ],
  [
    'an error with a URL in its message',
    'results',
    (s) => new Error(`connect ECONNREFUSED postgres://app:${s}@db/x`),
  ],
  [
    'multer',
    'kwargs',
    (s) => ({ file: { fieldname: 'cv', originalname: 'a.pdf', path: `/tmp/a?token=${s}` }, body: login(s) }),
  ],
  [
    'a session',
    'results',
    (s) => ({ sessionID: s, session: { cookie: { originalMaxAge: null, value: s }, csrfSecret: s } }),
  ],
  ['a JWT in a text field', 'results', () => ({ note: `The caller sent ${JWT}, which had expired` })],
  ['a JWT alone', 'results', () => [JWT]],
  ['Bearer in a text field', 'results', (s) => ({ note: `curl -H "Authorization: Bearer ${s}" https://x` })],
  [
    'a header block',
    'results',
    (s) => ({
      raw: `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Digest ${s}\r\nCookie: a=1; b=${s}\r\n\r\n`,
    }),
  ],
  ['postgres://', 'results', (s) => ({ dsn: `postgres://app:${s}@db.example.org:5432/app` })],
  ['mongodb+srv://', 'results', (s) => ({ uri: `mongodb+srv://app:${s}@a,b.example.org/?w=1` })],
  ['amqp:// in a sentence', 'results', (s) => ({ log: `using amqp://guest:${s}@mq for jobs` })],
  ['ADO.NET', 'results', (s) => ({ db: `Server=db;User Id=sa;Password=${s};Encrypt=yes` })],
  ['ODBC', 'results', (s) => ({ db: `Driver={SQL Server};Uid=sa;Pwd=${s};` })],
  ['libpq', 'results', (s) => ({ db: `host=db user=app password=${s} dbname=x` })],
  [
    'Azure Storage',
    'results',
    (s) => ({ storage: `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${s}==` }),
  ],
  [
    'libpq, with a password that begins as null does',
    'results',
    (s) => ({ db: `host=db password=null${s} dbname=x` }),
  ],
  ['a password that begins as true does', 'results', (s) => ({ log: `Login failed: password: true${s}` })],
  [
    'a password that begins as false does, in JSON of JavaScript',
    'results',
    (s) => ({ log: `got {token:false${s}}` }),
  ],
  ['a question that is answered with a secret', 'results', (s) => ({ hasPassword: s, 'needs-token': s })],
  ['.env', 'results', (s) => ({ env: `PORT=80\nAPI_TOKEN=${s}\nDB_PASSWORD="${s}"\n` })],
  ['YAML', 'results', (s) => ({ yaml: `db:\n  user: app\n  password: ${s}\n` })],
  ['process.env', 'results', (s) => ({ env: { AWS_SECRET_ACCESS_KEY: s, GITHUB_TOKEN: s, NPM_TOKEN: s } })],
  ['PEM', 'results', (s) => ({ file: PEM(s) })],
  ['PEM of PKCS 8', 'results', (s) => ({ file: `# my key\n${PEM(s, '')}` })],
  ['PEM of OpenSSH', 'results', (s) => ({ file: PEM(s, 'OPENSSH ') })],
  ['PEM that was cut', 'results', (s) => ({ file: PEM(s).slice(0, 60) })],
  ['a boxed string', 'results', (s) => ({ password: new String(s) })],
  [
    'a getter',
    'results',
    (s) => ({
      get password() {
        return s
      },
    }),
  ],
  [
    'a class instance',
    'results',
    (s) =>
      new (class Login {
        password = s
      })(),
  ],
  ['no prototype', 'results', (s) => Object.assign(Object.create(null), login(s))],
  ['a name that is cut', 'results', (s) => ({ filler: 'x'.repeat(16_330), password: CARD_NUMBER, s })],
  ['a secret that is cut', 'results', (s) => ({ filler: 'x'.repeat(16_340), password: s.repeat(100) })],
  [
    'pairs in JSON that is cut',
    'results',
    (s) => ({ body: JSON.stringify([[['password', s]], 'x'.repeat(20_000)]) }),
  ],
  [
    'labels in JSON that is cut',
    'results',
    (s) => ({ body: JSON.stringify([{ value: s, name: 'otp' }, 'x'.repeat(20_000)]) }),
  ],
  [
    'pairs in JSON in a JSON string that is cut',
    'results',
    (s) => JSON.stringify(JSON.stringify([[['password', s]], 'x'.repeat(20_000)])),
  ],
  [
    'user info that is cut',
    'results',
    (s) => ({ filler: 'x'.repeat(16_325), link: `https://jan:${s}${s}@x.nl/` }),
  ],
  ['a long JWT', 'results', () => ({ note: `${JWT}${'a'.repeat(20_000)}` })],
]

function nest(depth: number, value: unknown): unknown {
  return depth === 0 ? value : { child: [nest(depth - 1, value)] }
}

export const SECRETS: readonly Case[] = [...nameCases, ...headers, ...urls, ...bodies]

/** Names and values that look like secrets to a careless eye. Each is expected in the line as it is. */
export const HARMLESS: readonly (readonly [name: string, value: unknown])[] = [
  ['tokenize', true],
  ['tokenize', 'words'],
  ['tokenizer', 'standard'],
  ['token_type', 'Bearer'],
  ['tokenExpiresIn', 3600],
  ['max_tokens', 512],
  ['totalTokens', 1234],
  ['nextPageToken', 'page-two'],
  ['passwordPolicy', 'none'],
  ['passwordRequired', true],
  ['passwordLength', 12],
  ['passwordChangedAt', '2026-11-24'],
  ['password', null],
  ['password', true],
  ['author', 'Jansen'],
  ['authority', 'Gemeente'],
  ['authenticated', 'yes'],
  ['authorized', 'no'],
  ['keyboard', 'qwerty'],
  ['keyword', 'boat'],
  ['key', 'name'],
  ['monkey', 'ape'],
  ['primaryKey', 'id'],
  ['foreign_key', 'person_id'],
  ['codec', 'h264'],
  ['code', 'NL'],
  ['postcode', '1011 PN'],
  ['zip_code', '90210'],
  ['country_code', 'NL'],
  ['statusCode', 200],
  ['error_code', 'E12'],
  ['state', 'open'],
  ['secretary', 'De Vries'],
  ['secretariat', 'North'],
  ['cookiePolicy', 'strict'],
  ['cookiesAccepted', true],
  ['session', 'morning'],
  ['sessionCount', 4],
  ['possession', 'house'],
  ['compass', 'north'],
  ['bypass', 'road'],
  ['passenger', 'Jansen'],
  ['passport_country', 'NL'],
  ['shopping', 'cart'],
  ['spin', 'left'],
  ['pinned', 'yes'],
  ['opinion', 'good'],
  ['panel', 'left'],
  ['company', 'ACME'],
  ['japan', 'tokyo'],
  ['cardinality', 'many'],
  ['cardType', 'visa'],
  ['discard', 'all'],
  ['hash', 'abcdef12'],
  ['signature_date', '2026-11-24'],
  ['description', 'How to reset a password'],
  ['title', 'The secret garden'],
  ['note', 'Basic needs were met'],
  ['note', 'a token of appreciation'],
  ['path', '/persons?last_name=Jansen'],
  ['link', 'https://example.org/persons?page=2&sort=name'],
  ['email', 'a.b@example.org'],
  ['formula', 'a=1&b=2'],
  ['time', '12:30:15'],
  ['json', '{"a": 1, "b": [true, null]}'],
  ['sku', 'eyJewellery.box'],
  ['hasPassword', 'yes'],
  ['needs-token', 'False'],
  ['boarding_pass', 'A12'],
  ['frying_pan', 'steel'],
  ['safety pin', 'steel'],
  ['fortune_cookie', 'luck'],
  ['log', 'password=null, token=true'],
  // Wrongly hidden, and known to be.
  ['invite_code', 'SUMMER'],
  ['trail_pass', 'north'],
  ['rolling_pin', 'wood'],
  ['chocolate_cookie', 'crisp'],
]
