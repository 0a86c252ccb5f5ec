// The cases of the blind corpora that are not recognized, or in which too much is hidden, with the reason. The test fails if
// one of them is fixed: then remove it here.

const KNOWN_BY_REASON: readonly (readonly [reason: string, ids: readonly string[]])[] = [
  [
    'Under `key`, `ticket`, `appid` and `s`, which name many harmless things, a value is a secret only if it looks random or has the format of a vendor, as longer ones mostly do',
    [
      'URL of a product: OpenWeather',
      'URL of a product: vBulletin',
      'repeated: in the thrown error: key in the query',
      'repeated: under an innocent name in kwargs: key in the query',
    ],
  ],
  [
    'In a path, a segment is a secret if it has at least 16 characters, as those of Magento do, and looks random',
    [
      'URL of a product: Magento form key',
      'repeated: in the thrown error: route parameter :resetToken in the middle',
    ],
  ],
  [
    'Identifies an application, and is of no use without the secret beside it',
    ['URL of a product: WooCommerce REST'],
  ],
  [
    'Names something harmless more often: a product in a shop, the sort key of DynamoDB, the method of the second factor, a keyword in Italian, a motto or (without its dots) a solution in German',
    [
      'field, debatable: productKey in JSON text',
      'field, debatable: sk in kwargs',
      'field, debatable: twoFactor in JSON text',
      'language: Italian: parola_chiave in log text',
      'language: German: losung in label in a text',
    ],
  ],
  [
    'No product has such a header, or such a value in it',
    ['header, debatable: in an object: x-auth-email-key'],
  ],
  [
    'A nonce that a server sends to everyone proves nothing alone',
    ['header: its parts: {"www-authenticate":"Digest realm=\\"x\\", nonce=\\"S\\", opaque=\\"o\\""}'],
  ],
  [
    'Lists of names and of values in texts, in which only the position relates the two',
    [
      'label beside a value: {"fields":"user,password","row":"jan,S"}',
      'any of these texts in a thrown error: Name                           Value\\n----                           -----\\nCity                           Utrec',
      'log line: city\tpassword\\nUtrecht\t{S}\\n',
      'log line: city,password\\nUtrecht,{S}\\n',
      'configuration file: Utrecht:5432:app:jan:{S}',
    ],
  ],
  [
    'Notations that are not read',
    [
      'log line: | password | {S} |\\n| city | Utrecht |',
      'log line: password (new): {S}, city: Utrecht',
      'any of these texts in a thrown error: city: Utrecht\\n? password\\n: {S}\\n',
      'any of these texts in a thrown error: requirepass {S}\\n# Utrecht',
      "any of these texts in a thrown error: {'city': 'Utrecht', 'password': None or '{S}'}",
      'configuration file: city: Utrecht\\npassword:\\n  value: {S}\\n',
      'configuration file: jdbc:oracle:thin:jan/{S}@Utrecht:1521:XE',
      'dump: C#, PowerShell: [City, Utrecht], [Password, {S}]',
      'dump: Elixir, Perl, Lua, Haskell, Clojure, Swift, R: $city\\n[1] "Utrecht"\\n\\n$password\\n[1] "{S}"\\n',
      "dump: JavaScript: [ [ 'city', 'Utrecht' ], [ 'password', '{S}' ] ]",
      'dump: Rust: User {\\n    city: "Utrecht",\\n    password: Some(\\n        "{S}",\\n    ),\\n}',
      'error message of a library: thrown: ERR wrong password: AUTH S Utrecht',
      'error message of a library: thrown: The request signature we calculated does not match. Credential=KEY/20261128/eu/s3/aws4_request, Signature=SS U',
      'error message of a library: thrown: Variable "$password" got invalid value "S"; Utrecht',
      'shell: curl -b "session={S}" https://api.example.org/Utrecht',
      'shell: openssl enc -k {S} -in Utrecht',
    ],
  ],
  [
    'Hides more than the secret: what follows in the same value, line or block may belong to it',
    [
      'any of these texts in a thrown error: < Set-Cookie: sid={S}; Path=/Utrecht',
      'any of these texts in a thrown error: password := {S}; city := Utrecht',
      'configuration file: # Utrecht\\n-----BEGIN OpenVPN Static key V1-----\\n{S}\\n-----END OpenVPN Static key V1-----',
      'configuration file: ---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\\nComment: "x"\\n{S}\\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\\nUtrecht',
      'configuration file: //registry.example.org/:_authToken={S}\\ncity=Utrecht',
      'configuration file: <connectionStrings><add name="Utrecht" connectionString="Server=x;Password={S};"/></connectionStrings>',
      'configuration file: PuTTY-User-Key-File-3: ssh-ed25519\\nEncryption: none\\nComment: Utrecht\\nPublic-Lines: 1\\nAAAAC3NzaC1\\nPrivate-Lines',
      "error message of a library: thrown: { password: [ { value: 'S', msg: 'Utrecht' } ] }",
    ],
  ],
  [
    'The record has no headers of the request, so that a secret in them is not known elsewhere',
    [
      'repeated: known from a header of the request: Authorization: Basic, the password',
      'repeated: known from a header of the request: Authorization: Basic, the password (2)',
      'repeated: known from a header of the request: Authorization: Bearer',
      'repeated: known from a header of the request: Authorization: Bearer (2)',
      'repeated: known from a header of the request: Cookie',
      'repeated: known from a header of the request: Cookie (2)',
      'repeated: known from a header of the request: X-Api-Key',
      'repeated: known from a header of the request: X-Api-Key (2)',
    ],
  ],
  [
    'A sensitive word and a colon look like the name of a value, and prose behind them like a password of several words',
    [
      'debatable: a sensitive word, a colon, and prose or a type: Pan: cast iron, 28 cm',
      'debatable: a sensitive word, a colon, and prose or a type: Pass: 14 students, fail: 2 students',
      'debatable: a sensitive word, a colon, and prose or a type: Pin: the red one on the map',
      'prose: Tan: light brown leather',
      "validation and other messages: Access denied for user 'jan'@'localhost' (using password: YES)",
    ],
  ],
  [
    'User info is hidden without a colon too, because it may be a token',
    ['debatable: a sensitive word, a colon, and prose or a type: ssh://git@github.com/acme/app.git'],
  ],
  [
    'Everything under a sensitive key is hidden, unless it is known as harmless: also what is empty, masked, a rule or a message',
    [
      'debatable: empty, flags, templates under sensitive keys: {"errors":{"password":["is too short"]}}',
      'debatable: empty, flags, templates under sensitive keys: {"invite_code":"SUMMER"}',
      'debatable: empty, flags, templates under sensitive keys: {"logprobs":[{"token":"the","logprob":-0.2}]}',
      'debatable: empty, flags, templates under sensitive keys: {"password":""}',
      'debatable: empty, flags, templates under sensitive keys: {"password":"********"}',
      'debatable: empty, flags, templates under sensitive keys: {"password":{"min":8}}',
      'debatable: empty, flags, templates under sensitive keys: {"pem":"-----BEGIN CERTIFICATE-----\\nMIIBszCCAVmgAwIBAgIUQ\\n-----END CERTIFICATE-----\\n"}',
      'debatable: empty, flags, templates under sensitive keys: {"pem":"-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYI\\n-----END PUBLIC KEY-----\\n"}',
      'debatable: empty, flags, templates under sensitive keys: {"tokens":[101,2054,102]}',
      'facts about secrets: {"apiKeyId":"k-7"}',
      'response headers: {"x-ratelimit-reset-tokens":"17ms"}',
    ],
  ],
  [
    'In URLs these names are those of credentials, whatever their value',
    [
      'debatable: words of the URL table with harmless values: /a?auth=basic',
      'debatable: words of the URL table with harmless values: /a?nonce=1',
      'debatable: words of the URL table with harmless values: /a?pan=left&zoom=3',
      'debatable: words of the URL table with harmless values: /a?signature=none',
    ],
  ],
  [
    '`secret:` is a sensitive name with a value',
    ['ids, hashes, checksums: {"arn":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"}'],
  ],
]

/** The reason by the id of the case. */
export const KNOWN: ReadonlyMap<string, string> = new Map(
  KNOWN_BY_REASON.flatMap(([reason, ids]) => ids.map((id) => [id, reason] as const)),
)
