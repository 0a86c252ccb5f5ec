// Values wrapped in texts, and secrets that stand at a second place of the same exchange.
import { type Actions, BASE32, type CaseFields, createCorpus, createRandom } from './blind-case.js'

const r = createRandom(18003)
const { cases, add } = createCorpus()
export const WRAPPED_AND_REPEATED = cases
const enc = encodeURIComponent
const S = () => r.secret(16)
let k = 0
// A text stands in kwargs, in results, in an error, or in JSON inside a text, by turns
type Template = string | ((secret: string) => string)

const textPlaces: readonly ((text: string) => CaseFields)[] = [
  (t) => ({ do: { filter: { text: t } } }),
  (t) => ({ do: { results: [{ output: t }] } }),
  (t) => ({ do: { results: [{ nr: 1, payload: JSON.stringify({ log: t }) }] } }),
  (t) => ({ do: { throw: { message: t } } }),
]
function texts(kind: string, visible: string, templates: readonly Template[], places = [0, 1, 0, 1, 2, 3]) {
  for (const t of templates) {
    const s = S()
    const text = typeof t === 'function' ? t(s) : t.replaceAll('{S}', s)
    const place = places[k++ % places.length] as number
    add(place === 3 ? 'any of these texts in a thrown error' : kind, {
      ...textPlaces[place]?.(text),
      secrets: [s],
      visible: [visible],
      note: (typeof t === 'function' ? t('S') : t).slice(0, 110).replaceAll('\n', '\\n'),
    })
  }
}

// ---- dumps of programming languages ------------------------------------------------------------------------------------
texts('dump: PHP', 'Utrecht', [
  'array(2) {\n  ["city"]=>\n  string(7) "Utrecht"\n  ["password"]=>\n  string(16) "{S}"\n}',
  'Array\n(\n    [city] => Utrecht\n    [password] => {S}\n)\n',
  "array (\n  'city' => 'Utrecht',\n  'api_key' => '{S}',\n)",
  'object(User)#3 (2) {\n  ["city":protected]=>\n  string(7) "Utrecht"\n  ["password":"User":private]=>\n  string(16) "{S}"\n}',
  (s) => `a:2:{s:4:"city";s:7:"Utrecht";s:8:"password";s:16:"${s}";}`,
  'User Object\n(\n    [city:protected] => Utrecht\n    [password:User:private] => {S}\n)\n',
  'App\\User {#712\n  +city: "Utrecht"\n  #password: "{S}"\n}',
])
texts('dump: Python', 'Utrecht', [
  "{'city': 'Utrecht', 'password': '{S}'}",
  "User(city='Utrecht', password='{S}')",
  "{'city': 'Utrecht', b'password': b'{S}'}",
  "[('city', 'Utrecht'), ('password', '{S}')]",
  "OrderedDict([('city', 'Utrecht'), ('token', '{S}')])",
  "<QueryDict: {'city': ['Utrecht'], 'password': ['{S}']}>",
  "Namespace(city='Utrecht', password='{S}')",
  "MultiDict([('city', 'Utrecht'), ('csrf_token', '{S}')])",
  "{'city': 'Utrecht', 'password': SecretStr('{S}')}",
  "city='Utrecht' password='{S}' is_active=True",
  "{'city': 'Utrecht', 'password': None or '{S}'}",
  "{'city': 'Utrecht', 'password': '''{S}'''}",
  "{'city': 'Utrecht', 'password': ('{S}',)}",
])
texts('dump: Ruby', 'Utrecht', [
  '{"city"=>"Utrecht", "password"=>"{S}"}',
  '{:city=>"Utrecht", :password=>"{S}"}',
  '{city: "Utrecht", password: "{S}"}',
  '#<User id: 1, city: "Utrecht", password: "{S}">',
  '#<struct User city="Utrecht", password="{S}">',
  '#<User:0x000055d5 @city="Utrecht", @password="{S}">',
  'Parameters: {"utf8"=>"✓", "city"=>"Utrecht", "user"=>{"password"=>"{S}"}}',
  '#<OpenStruct city="Utrecht", api_token="{S}">',
])
texts('dump: Go', 'Utrecht', [
  '{City:Utrecht Password:{S}}',
  'main.User{City:"Utrecht", Password:"{S}"}',
  '&{City:Utrecht Password:{S} Age:7}',
  'map[city:Utrecht password:{S}]',
  'map[string]string{"city":"Utrecht", "password":"{S}"}',
  'url.Values{"city":[]string{"Utrecht"}, "password":[]string{"{S}"}}',
  'map[city:[Utrecht] password:[{S}]]',
  'http.Header{"Accept":[]string{"Utrecht"}, "Authorization":[]string{"Bearer {S}"}}',
])
texts('dump: Rust', 'Utrecht', [
  'User { city: "Utrecht", password: "{S}" }',
  'User { city: "Utrecht", password: Some("{S}") }',
  'User {\n    city: "Utrecht",\n    password: Some(\n        "{S}",\n    ),\n}',
  '{"city": "Utrecht", "password": "{S}"}',
  'Config { city: "Utrecht", token: Secret(String("{S}")) }',
  '{"city": String("Utrecht"), "password": String("{S}")}',
  'User { city: Ok("Utrecht"), api_key: Ok("{S}") }',
])
texts('dump: Java, Kotlin, Scala', 'Utrecht', [
  "User{city='Utrecht', password='{S}'}",
  'User(city=Utrecht, password={S})',
  'User[city=Utrecht, password={S}]',
  'User [city=Utrecht, password={S}, age=7]',
  '{city=Utrecht, password={S}}',
  'class User {\n    city: Utrecht\n    password: {S}\n}',
  'LoginRequest(city=Utrecht, password=Optional[{S}])',
  'User(city=Utrecht, password=Some({S}))',
  'Map(city -> Utrecht, password -> {S})',
  'com.example.User@1b2c3d[city=Utrecht,password={S}]',
  'MultiValueMap {city=[Utrecht], password=[{S}]}',
  'city: "Utrecht"\npassword: "{S}"\n',
])
texts('dump: C#, PowerShell', 'Utrecht', [
  'User { City = Utrecht, Password = {S} }',
  '{ City = Utrecht, Password = {S} }',
  '[City, Utrecht], [Password, {S}]',
  '@{City=Utrecht; Password={S}}',
  'Name                           Value\n----                           -----\nCity                           Utrecht\nPassword                       {S}',
  'City     : Utrecht\nPassword : {S}',
  'ConvertTo-SecureString "{S}" -AsPlainText -Force # Utrecht',
  'City=Utrecht;$env:DB_PASSWORD = "{S}"',
])
texts('dump: JavaScript', 'Utrecht', [
  "{ city: 'Utrecht', password: '{S}' }",
  "User { city: 'Utrecht', password: '{S}' }",
  "{\n  city: 'Utrecht',\n  password: '{S}',\n}",
  "[Object: null prototype] { city: 'Utrecht', password: '{S}' }",
  "Map(2) { 'city' => 'Utrecht', 'password' => '{S}' }",
  "{ city: 'Utrecht', password: [ '{S}' ] }",
  "{ city: 'Utrecht', token: { value: '{S}' } }",
  "{ city: 'Utrecht', 'set-cookie': [ 'a={S}; Path=/' ] }",
  "{\n  city: 'Utrecht',\n  headers: { Authorization: 'Bearer {S}' }\n}",
  "URLSearchParams { 'city' => 'Utrecht', 'password' => '{S}' }",
  "FormData { city: 'Utrecht', password: '{S}' }",
  "[ [ 'city', 'Utrecht' ], [ 'password', '{S}' ] ]",
  "{ city: 'Utrecht', password: `{S}` }",
  "{ city: 'Utrecht', password: 'it\\'s {S}' }",
  "rawHeaders: [\n    'Host', 'Utrecht',\n    'Authorization', 'Basic {S}',\n  ]",
])
texts('dump: Elixir, Perl, Lua, Haskell, Clojure, Swift, R', 'Utrecht', [
  '%{city: "Utrecht", password: "{S}"}',
  '%User{city: "Utrecht", password: "{S}"}',
  '%{"city" => "Utrecht", "password" => "{S}"}',
  '[city: "Utrecht", password: "{S}"]',
  "$VAR1 = {\n          'city' => 'Utrecht',\n          'password' => '{S}'\n        };",
  '{ city = "Utrecht", password = "{S}" }',
  '{ ["city"] = "Utrecht", ["password"] = "{S}" }',
  'User {city = "Utrecht", password = "{S}"}',
  'User {city = "Utrecht", password = Just "{S}"}',
  '{:city "Utrecht", :password "{S}"}',
  '["city": "Utrecht", "password": "{S}"]',
  'User(city: "Utrecht", password: Optional("{S}"))',
  '▿ User\n  - city: "Utrecht"\n  - password: "{S}"',
  '$city\n[1] "Utrecht"\n\n$password\n[1] "{S}"\n',
])

// ---- SQL -----------------------------------------------------------------------------------------------------------------
texts('SQL', 'Utrecht', [
  "UPDATE users SET city = 'Utrecht', password = '{S}' WHERE id = 7",
  "UPDATE users SET city='Utrecht', password=N'{S}' WHERE id=7",
  "UPDATE users SET city='Utrecht', password='it''s{S}' WHERE id=7",
  "UPDATE users SET city='Utrecht', password=crypt('{S}', gen_salt('bf')) WHERE id=7",
  "SELECT * FROM users WHERE city = 'Utrecht' AND password = MD5('{S}')",
  "SELECT 1 FROM users WHERE city = 'Utrecht' AND token IN ('{S}')",
  "SELECT 1 FROM users WHERE city = 'Utrecht' AND token LIKE '{S}%'",
  "SELECT 1 FROM users WHERE city = 'Utrecht' AND \"reset_token\" = '{S}'",
  "SELECT 1 FROM `users` WHERE `city` = 'Utrecht' AND `password` = '{S}'",
  "SELECT 1 FROM [users] WHERE [city] = 'Utrecht' AND [password] = '{S}'",
  "INSERT INTO users (city, password) VALUES ('Utrecht', '{S}')",
  "INSERT INTO users SET city = 'Utrecht', password = '{S}'",
  "CREATE USER jan WITH PASSWORD '{S}' -- Utrecht",
  "ALTER ROLE jan WITH LOGIN ENCRYPTED PASSWORD '{S}' -- Utrecht",
  "CREATE USER 'jan'@'%' IDENTIFIED BY '{S}' -- Utrecht",
  "ALTER USER jan IDENTIFIED WITH caching_sha2_password BY '{S}' -- Utrecht",
  "CREATE LOGIN jan WITH PASSWORD = '{S}' -- Utrecht",
  "SET PASSWORD FOR jan = '{S}' -- Utrecht",
  "WHERE city = 'Utrecht' AND password = E'{S}\\n'",
  "WHERE city = 'Utrecht' AND password = $$ {S} $$",
  "EXEC sp_addlogin @loginame = 'Utrecht', @passwd = '{S}'",
  "db.users.find({ city: 'Utrecht', password: { $eq: '{S}' } })",
])

// ---- shell and configuration ----------------------------------------------------------------------------------------------
texts('shell', 'Utrecht', [
  'export CITY=Utrecht DB_PASSWORD={S}',
  'CITY=Utrecht PGPASSWORD={S} psql -h db',
  'login --city Utrecht --password {S}',
  'login --city=Utrecht --password={S}',
  "login --city=Utrecht --token='{S}'",
  'login --city Utrecht --api-key "{S}"',
  'curl -H "Authorization: Bearer {S}" https://api.example.org/Utrecht',
  "curl -H 'X-Api-Key: {S}' https://api.example.org/Utrecht",
  'curl -u jan:{S} https://api.example.org/Utrecht',
  'curl --user "jan:{S}" https://api.example.org/Utrecht',
  'curl -d "city=Utrecht&password={S}" https://api.example.org',
  'curl -d \'{"city":"Utrecht","password":"{S}"}\' https://api.example.org',
  'curl --data-urlencode "password={S}" https://api.example.org/Utrecht',
  'curl -b "session={S}" https://api.example.org/Utrecht',
  'mysql -h Utrecht -u jan -p{S} app',
  'mysqldump -h Utrecht --password={S} app',
  'sshpass -p {S} ssh jan@Utrecht',
  'docker login -u jan -p {S} Utrecht.example.org',
  'redis-cli -h Utrecht -a {S} ping',
  'git clone https://jan:{S}@git.example.org/Utrecht.git',
  'wget --http-user=jan --http-password={S} https://api.example.org/Utrecht',
  'http POST api.example.org/Utrecht password={S}',
  'set DB_PASSWORD={S} && echo Utrecht',
  'DB_PASSWORD="a;{S};c" CITY=Utrecht',
  'password="a&{S}" ms=3 city=Utrecht',
  "password='a b {S}' city=Utrecht",
  'password="a\\"b{S}" city=Utrecht',
  'openssl enc -k {S} -in Utrecht',
  'openssl pkcs12 -passin pass:{S} -in Utrecht.p12',
  'keytool -storepass {S} -alias Utrecht',
  'http_proxy=jan:{S}@proxy.example.org:8080 get Utrecht',
  'proxy is jan:{S}@proxy.example.org:8080 for Utrecht',
])
texts('configuration file', 'Utrecht', [
  'city: Utrecht\npassword: {S}\n',
  'city: Utrecht\npassword: "{S}"\n',
  'city: Utrecht\npassword: |\n  {S}\n',
  'city: Utrecht\npassword: >-\n  {S}\n',
  'city: Utrecht\npassword: &pw {S}\n',
  'city: Utrecht\npassword: !!str {S}\n',
  'city: Utrecht\npasswords:\n  - {S}\n',
  'city: Utrecht\npassword:\n  value: {S}\n',
  '{city: Utrecht, password: {S}}',
  'city: Utrecht\n? password\n: {S}\n',
  'city = "Utrecht"\npassword = "{S}"\n',
  'city = "Utrecht"\npassword = """{S}"""\n',
  '[db]\ncity=Utrecht\npassword={S}\n',
  'db.city=Utrecht\ndb.password={S}\n',
  'db.city=Utrecht\ndb.password : {S}\n',
  'machine Utrecht login jan password {S}',
  'machine Utrecht\n  login jan\n  password {S}\n',
  'Utrecht:5432:app:jan:{S}',
  '//registry.example.org/:_authToken={S}\ncity=Utrecht',
  '_auth = {S}\ncity=Utrecht',
  'Server=Utrecht;Database=app;User Id=jan;Password={S};',
  'Server=Utrecht;Uid=jan;Pwd={S};Encrypt=true',
  'Endpoint=sb://Utrecht.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={S}=',
  'DefaultEndpointsProtocol=https;AccountName=Utrecht;AccountKey={S}==;EndpointSuffix=core.windows.net',
  'jdbc:postgresql://Utrecht/app?user=jan&password={S}',
  'jdbc:sqlserver://Utrecht:1433;databaseName=app;user=jan;password={S};',
  'jdbc:oracle:thin:jan/{S}@Utrecht:1521:XE',
  'host=Utrecht port=5432 user=jan password={S} dbname=app',
  'mongodb+srv://jan:{S}@Utrecht.example.org/app',
  'redis://:{S}@Utrecht.example.org:6379/0',
  'amqps://jan:{S}@Utrecht.example.org/vhost',
  'resource "db" "x" {\n  city     = "Utrecht"\n  password = "{S}"\n}',
  '<connectionStrings><add name="Utrecht" connectionString="Server=x;Password={S};"/></connectionStrings>',
  'requirepass {S}\n# Utrecht',
  'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: Utrecht\nPublic-Lines: 1\nAAAAC3NzaC1\nPrivate-Lines: 1\n{S}\nPrivate-MAC: 00',
  '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: "x"\n{S}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\nUtrecht',
  '# Utrecht\n-----BEGIN OpenVPN Static key V1-----\n{S}\n-----END OpenVPN Static key V1-----',
  '[Interface]\n# Utrecht\nPrivateKey = {S}=\nAddress = 10.0.0.2/32',
])

// ---- logs and error messages of libraries ------------------------------------------------------------------------------------
texts('log line', 'Utrecht', [
  'level=info city=Utrecht password={S} ms=3',
  'level=info city=Utrecht password="{S}" ms=3',
  '2026-11-28T03:00:00Z INFO login city=Utrecht, token: {S}, ms=3',
  '{"level":"info","city":"Utrecht","password":"{S}"}',
  '{"level":"info","city":"Utrecht","req":{"headers":{"authorization":"Bearer {S}"}}}',
  '{"level":"info","city":"Utrecht","password":["{S}"]}',
  '{"level":"info","city":"Utrecht","token":{"value":"{S}"}}',
  '{\\"level\\":\\"info\\",\\"city\\":\\"Utrecht\\",\\"password\\":\\"{S}\\"}',
  '192.0.2.7 - jan [28/Nov/2026:03:00:00 +0000] "GET /Utrecht?token={S} HTTP/1.1" 200 12 "-" "curl/8.0"',
  '192.0.2.7 - - "GET /Utrecht HTTP/1.1" 200 12 "https://x.example.org/reset?token={S}" "curl/8.0"',
  'Started POST "/Utrecht?api_key={S}" for 127.0.0.1',
  'DEBUG: > Authorization: Bearer {S}\nDEBUG: > Host: Utrecht',
  '> POST /Utrecht HTTP/1.1\n> Cookie: sid={S}; theme=dark\n< HTTP/1.1 200 OK',
  '< Set-Cookie: sid={S}; Path=/Utrecht',
  'password -> {S}, city -> Utrecht',
  'Password is {S}; city is Utrecht',
  'Your verification code is: {S} (Utrecht)',
  'password [{S}] city [Utrecht]',
  'password (new): {S}, city: Utrecht',
  'password := {S}; city := Utrecht',
  '| password | {S} |\n| city | Utrecht |',
  'city,password\nUtrecht,{S}\n',
  'city\tpassword\nUtrecht\t{S}\n',
  '%7B%22city%22%3A%22Utrecht%22%2C%22password%22%3A%22{S}%22%7D',
  'city=Utrecht%26password%3D{S}',
  '{&quot;city&quot;:&quot;Utrecht&quot;,&quot;password&quot;:&quot;{S}&quot;}',
  '{"city":"Utrecht","body":"{\\"password\\":\\"{S}\\"}"}',
  '{"city":"Utrecht","body":"{\\"inner\\":\\"{\\\\\\"password\\\\\\":\\\\\\"{S}\\\\\\"}\\"}"}',
  '{"city":"Utrecht","password":"{S}"',
  '{"city":"Utrecht",,"password":"{S}"}',
  "{'city':'Utrecht',\"password\":'{S}',}",
  'https://app.example.org/Utrecht?next=https%3A%2F%2Fsso.example.org%2F%3Ftoken%3D{S}',
  'https://app.example.org/Utrecht?next=https%3A%2F%2Fb.example.org%2F%3Fnext%3Dhttps%253A%252F%252Fc.example.org%252F%253Ftoken%253D{S}',
  'https://app.example.org/Utrecht?filter=%7B%22password%22%3A%22{S}%22%7D',
  'https://app.example.org/Utrecht?filter={"password":"{S}"}',
  "https://app.example.org/Utrecht?token=it's{S}&x=1",
  'https://app.example.org/Utrecht#access_token={S}&token_type=bearer',
  'see <https://app.example.org/Utrecht?token={S}>, or (https://app.example.org/Utrecht?token={S}).',
  '[link](https://app.example.org/Utrecht?token={S})',
  'app.example.org/Utrecht?token={S}',
  '/Utrecht/login?token={S}',
  'postgres://jan:p@{S}@Utrecht.example.org/app',
])
// Messages that libraries make; in error.message, thrown
const errors: readonly (readonly [name: string, message: (secret: string) => string | undefined])[] = [
  [
    'SyntaxError',
    (s) => {
      const body = `{"city":"Utrecht","password":"${s}",}`
      try {
        JSON.parse(body)
      } catch (error) {
        return (error as Error).message
      }
      return undefined
    },
  ],
  [
    'SyntaxError',
    (s) => {
      const body = `password=${s}`
      try {
        JSON.parse(body)
      } catch (error) {
        return (error as Error).message
      }
      return undefined
    },
  ],
  [
    'SyntaxError',
    (s) => {
      try {
        JSON.parse(s)
      } catch (error) {
        return (error as Error).message
      }
      return undefined
    },
  ],
  [
    'SyntaxError',
    (s) => {
      try {
        JSON.parse(`{"password": ${s}}`)
      } catch (error) {
        return (error as Error).message
      }
      return undefined
    },
  ],
  ['TypeError', (s) => `Failed to parse URL from https://jan:${s}@:bad/Utrecht`],
  ['TypeError', (s) => `Invalid URL: https://jan:${s}@db.example.org:99999/Utrecht`],
  [
    'FetchError',
    (s) =>
      `request to https://api.example.org/Utrecht?api_key=${s} failed, reason: connect ECONNREFUSED 192.0.2.1:443`,
  ],
  [
    'FetchError',
    (s) =>
      `invalid json response body at https://api.example.org/Utrecht?access_token=${s} reason: Unexpected token <`,
  ],
  [
    'AxiosError',
    (s) => `Request failed with status code 401 (GET https://api.example.org/Utrecht?token=${s})`,
  ],
  ['HTTPError', (s) => `Response code 403 (Forbidden): https://jan:${s}@api.example.org/Utrecht`],
  [
    'PrismaClientInitializationError',
    (s) =>
      `Can't reach database server. Error validating datasource \`db\`: the URL must start with the protocol \`postgresql://\`: postgres1://jan:${s}@db/Utrecht`,
  ],
  [
    'PrismaClientValidationError',
    (s) =>
      `Invalid \`prisma.user.create()\` invocation:\n\n{\n  data: {\n    city: "Utrecht",\n    password: "${s}",\n    ~~~~~~~~\n  }\n}\n\nUnknown argument \`password\`.`,
  ],
  [
    'PrismaClientKnownRequestError',
    (s) =>
      `Raw query failed. Code: \`22P02\`. Message: \`UPDATE users SET password='${s}' WHERE city='Utrecht'\``,
  ],
  [
    'MongoServerError',
    (s) =>
      `E11000 duplicate key error collection: app.sessions index: token_1 dup key: { token: "${s}" } Utrecht`,
  ],
  [
    'MongoServerError',
    (s) => `E11000 duplicate key error collection: app.users index: apiKey_1 dup key: { : "${s}" } Utrecht`,
  ],
  ['MongoParseError', (s) => `Password contains unescaped characters in mongodb://jan:${s}@Utrecht/app`],
  [
    'CastError',
    (s) => `Cast to Number failed for value "${s}" (type string) at path "pin" for model "Utrecht"`,
  ],
  [
    'ValidationError',
    (s) =>
      `User validation failed: password: Path \`password\` (\`${s}\`) is shorter than the minimum allowed length (20). Utrecht`,
  ],
  ['ValidatorError', (s) => `Validator failed for path \`password\` with value \`${s}\` Utrecht`],
  ['ValidationError', (s) => `"password" with value "${s}" fails to match the required pattern: /^Utrecht$/`],
  [
    'ValidationError',
    (s) =>
      `password must be a \`number\` type, but the final value was: \`NaN\` (cast from the value \`"${s}"\`). Utrecht`,
  ],
  ['ValidationError', (s) => `{ password: [ { value: '${s}', msg: 'Utrecht' } ] }`],
  [
    'BadRequestException',
    (s) =>
      `[{"target":{"city":"Utrecht","password":"${s}"},"property":"password","constraints":{"minLength":"x"}}]`,
  ],
  ['GraphQLError', (s) => `Variable "$password" got invalid value "${s}"; Utrecht`],
  ['GraphQLError', (s) => `Syntax Error: mutation { login(city: "Utrecht", password: "${s}") { id } }`],
  ['SequelizeUniqueConstraintError', (s) => `Key (reset_token)=(${s}) already exists. Utrecht`],
  [
    'QueryFailedError',
    (s) =>
      `insert into "users" ("city", "password") values ('Utrecht', '${s}') - duplicate key value violates unique constraint`,
  ],
  [
    'error',
    (s) =>
      `duplicate key value violates unique constraint "users_token_key" DETAIL: Key (token)=(${s}) already exists. Utrecht`,
  ],
  ['Error', (s) => `ER_DUP_ENTRY: Duplicate entry '${s}' for key 'users.api_key_unique' Utrecht`],
  ['ReplyError', (s) => `ERR wrong password: AUTH ${s} Utrecht`],
  ['Error', (s) => `Command failed: git clone https://oauth2:${s}@git.example.org/Utrecht.git`],
  ['Error', (s) => `Command failed: mysqldump -h Utrecht -p${s} app`],
  ['Error', (s) => `spawn login --password ${s} ENOENT Utrecht`],
  ['Error', (s) => `ENOENT: no such file or directory, open '/srv/Utrecht?token=${s}'`],
  ['JsonWebTokenError', (s) => `invalid token: ${s} Utrecht`],
  ['Error', (s) => `Unauthorized: Bearer ${s} is expired (Utrecht)`],
  ['Error', (s) => `Invalid header: Authorization: Basic ${s} Utrecht`],
  ['TypeError', (s) => `Headers.append: "Bearer ${s}\n" is an invalid header value. Utrecht`],
  ['StripeAuthenticationError', (s) => `Invalid API Key provided: ${'sk'}_live_${s}Ab12Cd34 (Utrecht)`],
  ['AuthenticationError', (s) => `401 Incorrect API key provided: ${'sk'}-proj-${s}${s}. Utrecht`],
  [
    'SignatureDoesNotMatch',
    (s) =>
      `The request signature we calculated does not match. Credential=${'AK'}IA${r.chars(16, BASE32)}/20261128/eu/s3/aws4_request, Signature=${s}${s} Utrecht`,
  ],
  ['URIError', (s) => `Failed to decode param '/Utrecht?token=${s}%'`],
  ['Error', (s) => `connect to jan:${s}@proxy.example.org:8080 failed (Utrecht)`],
  ['ZodError', (s) => `[{"code":"custom","path":["password"],"received":"${s}","message":"Utrecht"}]`],
]
for (const [name, f] of errors) {
  const s = S()
  const message = f(s)
  if (message === undefined) continue
  // V8 quotes a part of the text only: what must not be in the record is what of the secret is in the message
  let secret = s
  if (!message.includes(s))
    for (let n = 15; n >= 6; n--)
      for (let i = 0; i + n <= 16; i++)
        if (secret === s && message.includes(s.slice(i, i + n))) secret = s.slice(i, i + n)
  if (!message.includes(secret)) continue
  add('error message of a library: thrown', {
    do: { throw: { name, message, status: 400 } },
    secrets: [secret],
    visible: message.includes('Utrecht') ? ['Utrecht'] : [],
    note: message
      .replace(/\bAKIA\w+/, 'KEY')
      .replaceAll(secret, 'S')
      .slice(0, 110)
      .replaceAll('\n', '\\n'),
  })
}
for (const [name, f] of errors.filter((_, i) => i % 4 === 2)) {
  const s = S()
  const message = f(s)
  if (message?.includes(s) !== true) continue
  add('error message of a library: in results', {
    do: { results: [{ error: { name, message } }] },
    secrets: [s],
    visible: message.includes('Utrecht') ? ['Utrecht'] : [],
    note: message.replaceAll(s, 'S').slice(0, 110),
  })
}

// ---- a second place of the same exchange --------------------------------------------------------------------------------------
// [how it comes in: url and route], and where it stands again
type Arrival = readonly [title: string, make: (secret: string) => CaseFields]

const comesIn: readonly Arrival[] = [
  ['code in the query', (s) => ({ url: `/callback?code=${s}&state=abc&page=2`, visible: ['page=2'] })],
  ['token in the query', (s) => ({ url: `/open?token=${s}&page=2`, visible: ['page=2'] })],
  ['key in the query', (s) => ({ url: `/open?key=${s}&page=2`, visible: ['page=2'] })],
  ['ticket in the query', (s) => ({ url: `/open?ticket=${s}&page=2`, visible: ['page=2'] })],
  ['sig in the query', (s) => ({ url: `/open?sig=${s}&page=2`, visible: ['page=2'] })],
  ['password in brackets', (s) => ({ url: `/open?user%5Bpassword%5D=${s}&page=2`, visible: ['page=2'] })],
  ['matrix parameter', (s) => ({ url: `/open;jsessionid=${s}?page=2`, visible: ['page=2'] })],
  [
    'route parameter :token',
    (s) => ({ url: `/reset/${s}?page=2`, route: '/reset/:token', visible: ['/reset/:token'] }),
  ],
  [
    'route parameter :resetToken in the middle',
    (s) => ({
      url: `/users/7/confirm/${s}/done`,
      route: '/users/:id/confirm/:resetToken/done',
      visible: ['/users/7/confirm/'],
    }),
  ],
  [
    'route parameter :code',
    (s) => ({
      url: `/verify/${s}`,
      route: '/verify/:verificationCode',
      visible: ['/verify/:verificationCode'],
    }),
  ],
  [
    'link inside the query',
    (s) => ({ url: `/go?next=${enc(`https://sso.example.org/?token=${s}`)}&page=2`, visible: ['page=2'] }),
  ],
  [
    'JSON inside the query',
    (s) => ({ url: `/find?filter=${enc(JSON.stringify({ password: s }))}&page=2`, visible: ['page=2'] }),
  ],
]
type Repetition = readonly [title: string, make: (secret: string) => Actions, visible: string]

const again: readonly Repetition[] = [
  ['under an innocent name in kwargs', (s) => ({ filter: { ref: s, city: 'Utrecht' } }), 'Utrecht'],
  ['in a text in results', (s) => ({ results: [{ text: `used ${s} in Utrecht` }] }), 'Utrecht'],
  ['as an item of a list', (s) => ({ results: { values: ['Utrecht', s] } }), 'Utrecht'],
  ['as a key of an object', (s) => ({ results: { [s]: 'Utrecht' } }), 'Utrecht'],
  ['in the thrown error', (s) => ({ throw: { message: `no such entry: ${s} (Utrecht)` } }), 'Utrecht'],
  [
    'in the path of Location',
    (s) => ({ status: 302, headers: { location: `/Utrecht/continue/${s}` } }),
    'Utrecht',
  ],
  [
    'under an innocent parameter of Location',
    (s) => ({ status: 302, headers: { location: `https://b.example.org/Utrecht?x=${s}` } }),
    'Utrecht',
  ],
  ['in a response header', (s) => ({ headers: { 'x-ref': `Utrecht ${s}` } }), 'Utrecht'],
  [
    'in setError',
    (s) => ({ setError: { name: 'Expired', message: `${s} is too old (Utrecht)` } }),
    'Utrecht',
  ],
  [
    'in JSON in a string',
    (s) => ({ filter: { body: JSON.stringify({ ref: s, city: 'Utrecht' }) } }),
    'Utrecht',
  ],
]
comesIn.forEach(([from, f], i) => {
  // each with the copy of query or parameters, and five of the others
  const s0 = S()
  const base0 = f(s0)
  add('repeated: copied whole by the handler', {
    ...base0,
    do: { filter: base0.route ? 'params' : 'query' },
    secrets: [s0],
    note: from,
  })
  const s1 = S()
  const base1 = f(s1)
  add('repeated: copied by audited()', {
    ...base1,
    do: { audited: true, body: { id: 1, city: 'Utrecht' } },
    secrets: [s1],
    visible: [...(base1.visible ?? []), 'Utrecht'],
    note: from,
  })
  for (let j = 0; j < 5; j++) {
    const s = S()
    const [where, g, visible] = again[(i * 5 + j) % again.length] as Repetition
    const base = f(s)
    add(`repeated: ${where}`, {
      ...base,
      do: g(s),
      secrets: [s],
      visible: [...(base.visible ?? []), visible],
      note: from,
    })
  }
})
// Known from another part of the record than the URL
const known: readonly (readonly [title: string, make: (secret: string) => Actions])[] = [
  ['kwargs to results', (s) => ({ filter: { password: s }, results: [{ text: `set to ${s} in Utrecht` }] })],
  [
    'kwargs to the thrown error',
    (s) => ({ filter: { password: s }, throw: { message: `rejected: ${s} (Utrecht)` } }),
  ],
  [
    'results to Location',
    (s) => ({ results: [{ token: s }], status: 302, headers: { location: `/Utrecht/${s}` } }),
  ],
  [
    'Location to results',
    (s) => ({
      results: [{ next: `/Utrecht/${s}` }],
      status: 302,
      headers: { location: `/Utrecht?token=${s}` },
    }),
  ],
  [
    'cookie of the response to results',
    (s) => ({ headers: { 'set-cookie': `sid=${s}; Path=/` }, results: [{ started: s, city: 'Utrecht' }] }),
  ],
  ['kwargs to a key', (s) => ({ filter: { token: s }, results: { byName: { [s]: 'Utrecht' } } })],
  [
    'results, first innocent, then sensitive',
    (s) => ({ results: [{ ref: s, city: 'Utrecht' }, { password: s }] }),
  ],
  ['kwargs, first innocent, then sensitive', (s) => ({ filter: { ref: s, password: s, city: 'Utrecht' } })],
]
for (const [note, f] of known) {
  const s = S()
  add('repeated: known from another part of the record', {
    do: f(s),
    secrets: [s],
    visible: ['Utrecht'],
    note,
  })
}
// From the request's headers: recognisable there, and repeated in the record
const fromHeaders: readonly (readonly [title: string, make: (secret: string) => Record<string, string>])[] = [
  ['Authorization: Bearer', (s) => ({ authorization: `Bearer ${s}` })],
  [
    'Authorization: Basic, the password',
    (s) => ({ authorization: `Basic ${Buffer.from(`jan:${s}`).toString('base64')}` }),
  ],
  ['Cookie', (s) => ({ cookie: `sid=${s}; theme=dark` })],
  ['X-Api-Key', (s) => ({ 'x-api-key': s })],
]
for (const [note, f] of fromHeaders) {
  const s = S()
  add('repeated: known from a header of the request', {
    headers: f(s),
    do: { results: [{ seen: s, city: 'Utrecht' }] },
    secrets: [s],
    visible: ['Utrecht'],
    note,
  })
  const s2 = S()
  add('repeated: known from a header of the request', {
    headers: f(s2),
    do: { throw: { message: `not valid: ${s2} (Utrecht)` } },
    secrets: [s2],
    visible: ['Utrecht'],
    note,
  })
}
// A request id or user agent that is a secret by its shape
{
  const jwt = () => `ey${'J'}${r.chars(20)}.ey${'J'}${r.chars(40)}.${r.chars(43)}`
  for (const h of ['x-request-id', 'user-agent', 'x-correlation-id']) {
    const j = jwt()
    add('JSON Web Token in a header of the request', {
      headers: { [h]: h === 'user-agent' ? `app/1.0 (${j})` : j },
      secrets: j.split('.').slice(1),
      note: h,
    })
  }
}
// The same secret, in a spelling of the URL: percent-encoded letters
const spellings: readonly Arrival[] = [
  [
    'percent-encoded in the URL, plain in results',
    (s) => ({
      url: `/open?token=${[...s].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')}`,
      do: { results: [{ x: s }] },
    }),
  ],
  ['name percent-encoded', (s) => ({ url: `/open?%74oken=${s}`, do: { filter: 'query' } })],
  ['name twice', (s) => ({ url: `/open?token=a1&token=${s}`, do: { filter: 'query' } })],
  ['name in brackets, list', (s) => ({ url: `/open?token[]=${s}`, do: { filter: 'query' } })],
  ['empty name before', (s) => ({ url: `/open?&&token=${s}`, do: { filter: 'query' } })],
  ['plus signs', (s) => ({ url: `/open?new+password=${s}`, do: { filter: 'query' } })],
  ['semicolons', (s) => ({ url: `/open?a=1;token=${s}`, do: {} })],
  ['two question marks', (s) => ({ url: `/open?a=1?token=${s}`, do: {} })],
  ['absolute form', (s) => ({ url: `http://x.example.org/open?token=${s}`, do: { filter: 'query' } })],
  [
    'user info of the absolute form, in an error',
    (s) => ({ url: `http://jan:${s}@x.example.org/open`, do: { throw: { message: `refused ${s}` } } }),
  ],
]
for (const [note, f] of spellings) {
  const s = S()
  add('repeated or hidden: spellings of the URL', { ...f(s), secrets: [s], note })
}
