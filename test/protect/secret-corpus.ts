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
  ...['pwd2', 'pw2', 'pin2', 'otp1', 'user_pin_2', 'userpwd', 'newpass', 'dbpw', 'smtppass2'],
  ...['card[number]', 'card.number', 'card_num', 'cvv_code', 'cvvNumber', 'pinNumber', 'cvc-no'],
  ...['password__exact', 'user__password__in', 'password__lower__contains', 'password_eq', 'password.$ne'],
  ...['password_not_in', 'tokenNin', 'password.$elemMatch', 'user.password.$in'],
  ...['SECRET_KEY_BASE', 'id_token_hint', 'oauth_verifier', 'oauth_signature', 'resetPasswordKey'],
  ...['x-auth', 'passkey'],
  ...['password_confirmation2', 'newPasswordConfirm2', 'newPasswordConfirmation2', 'token_value_01'],
  ...['token_base64', 'tokenBase64', 'secret-b64'],
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
  ['a short name with a number', 'url', (s) => `/?pwd2=${s}&pin2=${s}`],
  ['a card in brackets', 'url', (s) => `/?card[number]=${s}&source%5Bcard%5D%5Bnumber%5D=${s}`],
  ['lookups', 'url', (s) => `/?password__exact=${s}&user__token__in=${s}&password_eq=${s}&password.$ne=${s}`],
  [
    'OpenID Connect and OAuth 1',
    'url',
    (s) => `/?id_token_hint=${s}&oauth_verifier=${s}&oauth_signature=${s}`,
  ],
  ['a relative URL', 'url', (s) => `/reset?reset_token=${s}`],
]

const json = (value: unknown) => enc(JSON.stringify(value))

const companyInUrls: Case[] = [
  ['a label', 'url', (s) => `https://example.org/?name=password&value=${s}`],
  ['a label behind the value', 'url', (s) => `/?value=${s}&page=2&name=password`],
  ['a label by its id', 'url', (s) => `/?id=pin&value=${s}`],
  ['a label among several', 'url', (s) => `/?name=pin&value=${s}&name=city&value=${s}`],
  ['an escaped label', 'url', (s) => `/?n%61me=p%69n&valu%65=${s}`],
  ['a label beside a list', 'url', (s) => `/?property=token&value[]=${s}&value%5B%5D=${s}`],
  ['a label in brackets', 'url', (s) => `/?filter[0][property]=token&filter[0][value]=${s}`],
  ['a label in a fragment', 'url', (s) => `/#name=pin&value=${s}`],
  ['a label in a nested URL', 'url', (s) => `/?next=${enc(`/cb?name=pin&value=${s}`)}`],
  ['a card', 'url', (s) => `https://example.org/?number=${s}&cvc=1`],
  ['a card in brackets beside its code', 'url', (s) => `/?source%5Bnumber%5D=${s}&source%5Bcvc%5D=1`],
  ['a label in a Location', 'headers', (s) => ({ location: `/cb?name=pin&value=${s}` })],
  ['a label in a form', 'kwargs', (s) => ({ body: `name=password&value=${s}` })],
  ['a label in URLSearchParams', 'kwargs', (s) => new URLSearchParams({ name: 'password', value: s })],
  ['a label that is a path through a list', 'results', (s) => ({ path: ['body', 'pins', 0], value: s })],
]

const often = (times: number, text: string): string => (times === 0 ? text : often(times - 1, enc(text)))

const encoded: Case[] = [
  [
    'encoded twice in a Location',
    'headers',
    (s) => ({ location: `/login?next=${often(2, `/cb?code=${s}`)}` }),
  ],
  ['encoded in a filter', 'kwargs', (s) => ({ n: often(1, `/cb?code=${s}`) })],
  ['encoded twice in a filter', 'kwargs', (s) => ({ n: often(2, `/cb?code=${s}`) })],
  ['a user that was encoded', 'kwargs', (s) => ({ n: often(1, `https://jan:${s}@h/`) })],
  ['JSON that was encoded', 'kwargs', (s) => ({ n: often(1, `["token","${s}"]`) })],
  ['a form that was encoded', 'results', (s) => often(1, `page=2&password=${s}`)],
  ...[2, 3, 4, 5, 6].flatMap((times): Case[] => [
    [`encoded ${times} times`, 'url', (s) => `/?n=${often(times, `/cb?code=${s}`)}`],
    [`a user, encoded ${times} times`, 'url', (s) => `/?n=${often(times, `//jan:${s}@h/`)}`],
    [`JSON, encoded ${times} times`, 'url', (s) => `/?n=${often(times, `["token","${s}"]`)}`],
    [`Bearer, encoded ${times} times`, 'url', (s) => `/?n=${often(times, `:bearer ${s}`)}`],
    [
      `encoded ${times} times, in a text`,
      'results',
      (s) => `See https://h/?n=${often(times, `/?code=${s}`)}`,
    ],
  ]),
  [
    'encoded beside a broken escape, in a text',
    'results',
    (s) => `See https://h/?n=%zz${often(2, `?code=${s}`)}`,
  ],
  ['a nested bearer deeper than we look', 'url', (s) => nestedUrl(3, `/?a=Bearer ${s}`)],
  ['a segment of a path', 'url', (s) => `https://example.org/x/cb%3Fcode%3D${s}/y`],
  ['behind a name alone', 'url', (s) => `/?code%3D${s}&a=1`],
  ['in a name', 'url', (s) => `/?x%26code%3D${s}=1`],
  ['without a name', 'url', (s) => `/?=code%3D${s}`],
]

function nestedUrl(depth: number, url: string): string {
  return depth === 0 ? url : `/?a=${enc(nestedUrl(depth - 1, url))}`
}

const jsonInUrls: Case[] = [
  ['a label in JSON', 'url', (s) => `/?filter=${json([{ property: 'token', value: s }])}`],
  ['a pair in JSON', 'url', (s) => `/?filter=${json(['token', s])}`],
  [
    'entries in JSON',
    'url',
    (s) =>
      `/?filter=${json([
        ['page', '2'],
        ['pin', s],
      ])}`,
  ],
  ['companions in JSON', 'url', (s) => `/?f=${json({ code: s, state: '1' })}`],
  ['a card in JSON', 'url', (s) => `/?f=${json({ card: { number: s, cvc: '1' } })}`],
  ['JSON that is not escaped', 'url', (s) => `/?filter=[{"property":"token","value":"${s}"}]`],
  ['JSON with spaces', 'url', (s) => `/?filter=[+"token",+"${s}"+]`],
  ['JSON in a fragment', 'url', (s) => `/#filter=${json(['token', s])}`],
  ['JSON in JSON', 'url', (s) => `/?filter=${json({ a: JSON.stringify(['token', s]) })}`],
  ['JSON in a nested URL', 'url', (s) => `/?next=${enc(`/cb?filter=${json(['token', s])}`)}`],
  ['a URL in JSON', 'url', (s) => `/?filter=${json({ next: `/cb?code=${s}` })}`],
  [
    'JSON and URLs in turns, more than we look',
    'url',
    (s) => `/?a=${json([`/?a=${json([`/?a=${json([`/?a=${json([`/?a=${json(['token', s])}`])}`])}`])}`])}`,
  ],
  ['JSON in a Location', 'headers', (s) => ({ location: `/cb?filter=${json(['token', s])}` })],
  ['JSON in a form', 'kwargs', (s) => ({ body: `page=2&filter=${json([{ property: 'pin', value: s }])}` })],
  [
    'a label and companions in one object',
    'kwargs',
    (s) => ({ name: 'password', value: s, card: { number: s }, code: s, state: s }),
  ],
]

const callback = (s: string) => `https://h/cb?code=${s}&state=${s}`

const urlsInTexts: Case[] = [
  ['in a sentence', 'results', (s) => `See ${callback(s)}, then go on`],
  ['signed, in a sentence', 'results', (s) => ({ log: `Download https://a/c?sv=1&sig=${s}. Thanks` })],
  ['in HTML', 'results', (s) => ({ html: `<a class="x" href="${callback(s)}">` })],
  [
    'escaped in HTML',
    'results',
    (s) => ({ html: `<a href='https://h/cb?a=1&amp;code=${s}&amp;state=${s}'>` }),
  ],
  ['relative in HTML', 'results', (s) => ({ html: `<form action="/cb?code=${s}">` })],
  ['behind a space', 'results', (s) => ` ${callback(s)}`],
  ['relative behind a space', 'results', (s) => `\n /cb?code=${s}`],
  ['in Markdown', 'results', (s) => `[link](${callback(s)})`],
  ['in an error message', 'results', (s) => new Error(`GET ${callback(s)}: 400`)],
  ['with an escaped name', 'results', (s) => `See https://h/cb?%63ode=${s}`],
  ['nested in a sentence', 'results', (s) => `See https://h/login?next=${enc(callback(s))}`],
  ['with ; and ? in it', 'results', (s) => `See https://h/cb?code=a;${s}?${s}&b=1`],
  ['in a fragment', 'results', (s) => `See https://h/cb#state=${s}`],
  ['hx-location', 'headers', (s) => ({ 'HX-Location': `{"path":"/cb?code=${s}", "target":"#a"}` })],
  ['a header of JSON', 'headers', (s) => ({ 'x-filter': `[{"name":"password","value":"${s}"}]` })],
]

const shapes: Case[] = [
  ['a change of a field', 'results', (s) => ({ field: 'password', oldValue: s, newValue: s })],
  ['a change, as a list of them', 'results', (s) => [{ property: 'pin', before: s, after: s, old_value: s }]],
  ['a field by its id', 'results', (s) => ({ id: 'password', value: s })],
  ['zod, received', 'results', (s) => ({ path: ['password'], expected: 'x', received: s })],
  ['Ajv', 'results', (s) => [{ instancePath: '/password', keyword: 'minLength', data: s }]],
  ['JSON Patch', 'kwargs', (s) => [{ op: 'replace', path: '/user/password', value: s }]],
  // Each with nothing else that says that there may be a secret.
  ['an element without a space', 'results', (s) => `<password>${s}</password>`],
  ['user info without a scheme', 'results', (s) => `//${s}@host`],
  ['a list in a text', 'results', (s) => `["password","${s}"]`],
  ['a bearer alone', 'results', (s) => `bearer\t${s}`],
  ['a setting alone', 'results', (s) => `password=${s}`],
  ['a name and a colon alone', 'results', (s) => `password:${s}`],
  ['an object in a text', 'results', (s) => `{"password":"${s}"}`],
  ['CDATA', 'results', (s) => `<a><password><![CDATA[x<y]]z>${s}]]></password></a>`],
  ['an element in a secret one', 'results', (s) => `<password>\n  <value kind="a">${s}</value></password>`],
  ['an element in CDATA', 'results', (s) => `<a><![CDATA[<password>${s}</password>]]></a>`],
  [
    'multipart without quotes',
    'kwargs',
    (s) => `--x\r\nContent-Disposition: form-data; name=password\r\n\r\n${s}\r\n--x--`,
  ],
  ['a hidden input', 'results', (s) => `<form><input type=hidden name="csrf_token" value="${s}"></form>`],
  ['an input the other way round', 'results', (s) => `<input value='${s}' name='user[password]'/>`],
  ['an input that was cut', 'results', (s) => `<input name="csrf_token" value="${s}`],
  ['meta of Rails', 'results', (s) => `<meta name="csrf-token" content="${s}" />`],
  ['settings of .NET', 'results', (s) => `<add key="ApiKey" value="a>${s}" />`],
  ['a block string of GraphQL', 'kwargs', (s) => `mutation { a(password: """x " "" ${s}""", b: 1) { id } }`],
  ['Digest', 'results', (s) => `sent Authorization: Digest username="a", uri="/", response="${s}"`],
  ['Digest alone', 'results', (s) => ({ note: `sent Digest username="jan", response="${s}" to it` })],
  [
    'AWS Signature 4 in a text',
    'results',
    (s) => `sent AWS4-HMAC-SHA256 Credential=${s}/eu, SignedHeaders=host, Signature=${s}`,
  ],
  ['OAuth 1 in a text', 'results', (s) => `sent OAuth realm="a", oauth_nonce="1", oauth_token="${s}"`],
  ['curl with a cookie', 'results', (s) => `curl -H 'Cookie: sid=aaa; theme=${s}' https://x`],
  ['cookies in a sentence', 'results', (s) => `sent cookie: a=b; theme=${s}; c=${s}`],
  ['user info with #', 'results', (s) => ({ dsn: `postgres://u:p#${s}@h/db` })],
  [
    'user info with / and ?',
    'results',
    (s) => ({ dsn: `postgres://u:p/x?${s}@h/db`, a: `x amqp://u:p1/${s}@h` }),
  ],
  ['joined set-cookie', 'headers', (s) => ({ 'set-cookie': `a=1; Path=/, b=${s}; Secure, c=${s}` })],
]

const inTexts: Case[] = [
  ['a block of YAML', 'results', (s) => `db:\n  password: |\n    ${s}\n    x ${s}\n  user: app\n`],
  ['a folded block of YAML', 'results', (s) => `password: >-\n  a\n\n  ${s}`],
  ['a block in a list of YAML', 'results', (s) => `- "pin": |2+ # why\r\n    a\r\n    ${s}\r\n  user: jan`],
  ['a block with a tag', 'results', (s) => `a: 1\ntoken: !!binary |\n  ${s}\n`],
  ['a block in a block', 'results', (s) => `data: |\n  password: |\n    a\n    b ${s}\n  c: d`],
  ['bytes of Python', 'results', (s) => `{'password': b'a ${s}', "pin": B"a ${s}"}`],
  ['unicode of Python', 'results', (s) => `{u'password': u'a ${s}', 'token': rb'a ${s}'}`],
  ['a comparison', 'results', (s) => `if (password === 'a ${s}' || token == "b ${s}")`],
  ['an assignment', 'results', (s) => `x password := 'a ${s}'; token := ${s}`],
  ['a hash of Ruby', 'results', (s) => `Parameters: {"password"=>"a ${s}", :pin=>"a ${s}", token: "${s}"}`],
  ['print_r of PHP', 'results', (s) => `Array\n(\n    [user] => jan\n    [password] => a ${s}\n)`],
  ['print_r of an object', 'results', (s) => `User Object\n(\n    [password:User:private] => a ${s}\n)`],
  ['PHP on one line', 'results', (s) => `Array ( [user] => jan [password] => ${s} )`],
  ['util.inspect of a Map', 'results', (s) => `Map(2) { 'user' => 'jan', 'password' => 'a ${s}' }`],
  ['ten blanks', 'results', (s) => `x password          =          ${s} and "pin"       :      "a ${s}"`],
  ['ten blanks on a line', 'results', (s) => `user: x\npassword   :          a ${s}`],
  ['a no-break space', 'results', (s) => `x password\xa0=\xa0${s}, pin :\xa0'a ${s}'`],
  ['a no-break space on a line', 'results', (s) => `password\xa0:\xa0a ${s}`],
  ['JSON in HTML', 'results', (s) => `<a data-x="{&quot;password&quot;:&quot;a&amp; \\&quot; ${s}&quot;}">`],
  [
    'JSON in HTML with numbers',
    'results',
    (s) => `&#34;pin&#34;: &#34;a ${s}&#34;, &#x27;token&#x27;:&#x27;b ${s}&#x27;`,
  ],
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
  [
    'a companion that is not shown',
    'kwargs',
    (s) => Object.defineProperty({ code: s }, 'state', { value: 'x' }),
  ],
  [
    'a card whose code is not shown',
    'kwargs',
    (s) => Object.defineProperty({ number: s }, 'cvc', { value: 1 }),
  ],
  [
    'companions among many',
    'kwargs',
    (s) => ({
      ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`a${i}`, i])),
      code: s,
      state: 'x',
    }),
  ],
  [
    'an error under another prototype',
    'kwargs',
    (s) => Object.setPrototypeOf(Object.assign(new Error('x'), { detail: s }), Object.prototype),
  ],
  ['Stripe', 'kwargs', (s) => ({ payment: { card: { number: s, exp_month: 1, cvc: 123 } } })],
  ['a card without company', 'kwargs', (s) => ({ card: { number: s }, payment_card: { number: s } })],
  ['a card beside its code', 'kwargs', (s) => ({ source: { number: s, cvc: '1' } })],
  ['a card in a form', 'kwargs', (s) => ({ body: `card[name]=Jan&card[number]=${s}` })],
  [
    'an operator in a text',
    'results',
    (s) => ({ log: `where: {password.$ne: "${s}"}, a[password][$ne]: ${s}` }),
  ],
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
  [
    'a label in a Map',
    'kwargs',
    (s) =>
      new Map([
        ['name', 'password'],
        ['value', s],
      ]),
  ],
  [
    'a card in a Map',
    'kwargs',
    (s) => ({
      source: new Map([
        ['number', s],
        ['cvc', '1'],
      ]),
    }),
  ],
  ['a Map that is a card', 'kwargs', (s) => ({ card: new Map([['number', s]]) })],
  ['a card that is a Map in a Map', 'results', (s) => new Map([['card', new Map([['number', s]])]])],
  ['a card in a Map that is an object', 'results', (s) => new Map([['card', { number: s }]])],
  [
    'companions in a Map',
    'results',
    (s) => [
      new Map<unknown, unknown>([
        [{}, 1],
        ['code', s],
        ['state', s],
      ]),
    ],
  ],
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

export const SECRETS: readonly Case[] = [
  ...nameCases,
  ...headers,
  ...urls,
  ...companyInUrls,
  ...encoded,
  ...jsonInUrls,
  ...urlsInTexts,
  ...shapes,
  ...inTexts,
  ...bodies,
]

/** What stands beside the cases above, and must stay as it is. */
export const NEIGHBOURS: readonly (readonly [where: Where, value: unknown])[] = [
  ['url', `/?filter=${json([{ property: 'city', value: 'Delft' }])}&page=2`],
  ['url', `/?filter=${json(['city', 'Delft'])}&sort=${json({ name: 1, code: 'NL' })}`],
  ['url', '/?filter=[{"a": 1, "b":[true, null]}]&etag="abc"&range=[1,2]'],
  ['url', `/?f=${json({ house: { number: 12 }, next: '/persons?page=2&sort=name', at: '12:30' })}`],
  ['url', '/?name=jan&value=3'],
  ['url', '/?page=2&number=12'],
  ['url', '/?a[name]=password&b[value]=3&a[]=city&a[]=Delft'],
  ['url', '/?house[number]=12&cvc=&name=city&value[]=Delft'],
  ['url', '/?id=7&value=3&text=a+b#name=city&data=x'],
  ['url', `/?next=${often(2, '/persons?page=2')}&q=100%25&r=100%2525&s=%zz`],
  ['url', '/users/jan%40example.org/a%3Db?f%5Bname%5D=x&at=12%3A30&e=jan%2540h.nl&g=a%2Bb+c'],
  ['kwargs', { q: '100%', r: '%zz%3D', s: '%2Fpersons%3Fpage%3D2', t: 'jan%40h.nl', u: 'a%253Db, 50% off' }],
  ['results', 'See https://h/?q=100%25&r=50%&next=%2Fpersons%3Fpage%3D2, or https://h/?r=50%2525.'],
  ['results', 'title: |\n  The password\n  of a: b\nnext: >-\n  token\n'],
  ['results', 'token => token.id, (password) => hash(password), token => { x }'],
  [
    'results',
    "Map(1) { 'city' => 'Delft' }, [user] => jan, city === 'x', a := b, {&quot;a&quot;:&quot;b&quot;}",
  ],
  ['results', 'Array\n(\n    [user] => jan b\n    [passwordLength] => 12\n)'],
  [
    'kwargs',
    [
      new Map<unknown, unknown>([
        ['name', 'city'],
        ['value', 'Delft'],
        ['code', 'NL'],
      ]),
      new Map([['number', 12]]),
    ],
  ],
  ['kwargs', { base64: 'QQ', value2: 'x', confirm2: 'yes', passwordPolicyText2: 'long', base64Image: 'QQ' }],
]

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
  ['note', 'See https://example.org/persons?page=2&sort=name, and /persons?id=1.'],
  ['note', '<a href="https://example.org/?country_code=NL">code=NL</a>'],
  ['note', ' /persons?last_name=Jansen'],
  ['text', '{"id":"password","text":"Your password"}'],
  ['change', '{"field":"city","oldValue":"Delft","newValue":"Gouda"}'],
  ['html', '<p>Enter it in <input name="city" value="Delft"> or <token/> below</p>'],
  ['note', 'https://example.org:8080/@jan and http://[::1]:80/a@b, https://example.org/a:b@c'],
  ['note', 'Sent a weekly digest to sha=abc@example.org'],
  ['spinNumber', '12'],
  ['wash_spin2', 'fast'],
  ['token__user', 'Jansen'],
  ['tokenRange', '0-5'],
  ['password__isnull', 'True'],
  ['logged_in', 'yes'],
  ['tokenExpiresIn', '1 hour'],
  ['boarding_pass_number', 'A12'],
  ['house_number', '12'],
  ['passport', '{"number":"A12","expiryDate":"2030-01-01"}'],
  ['house[number]', '12'],
  ['oauth_signature_method', 'HMAC-SHA1'],
  // Wrongly hidden, and known to be.
  ['invite_code', 'SUMMER'],
  ['trail_pass', 'north'],
  ['rolling_pin', 'wood'],
  ['chocolate_cookie', 'crisp'],
]
