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
    ['label beside a value: {"fields":"user,password","row":"jan,S"}'],
  ],
  [
    'Notations that are not read',
    [
      'any of these texts in a thrown error: city: Utrecht\\n? password\\n: {S}\\n',
      'configuration file: jdbc:oracle:thin:jan/{S}@Utrecht:1521:XE',
    ],
  ],
  [
    'Hides more than the secret: what follows in the same value, line or block may belong to it',
    [
      'configuration file: # Utrecht\\n-----BEGIN OpenVPN Static key V1-----\\n{S}\\n-----END OpenVPN Static key V1-----',
      'configuration file: ---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\\nComment: "x"\\n{S}\\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\\nUtrecht',
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
    'Everything under a sensitive key is hidden, unless it is known as harmless: also what is empty, masked, a rule or a message',
    [
      'debatable: empty, flags, templates under sensitive keys: {"errors":{"password":["is too short"]}}',
      'debatable: empty, flags, templates under sensitive keys: {"invite_code":"SUMMER"}',
      'debatable: empty, flags, templates under sensitive keys: {"logprobs":[{"token":"the","logprob":-0.2}]}',
      'debatable: empty, flags, templates under sensitive keys: {"password":"********"}',
      'debatable: empty, flags, templates under sensitive keys: {"tokens":[101,2054,102]}',
    ],
  ],
]

/** The reason by the id of the case. */
export const KNOWN: ReadonlyMap<string, string> = new Map(
  KNOWN_BY_REASON.flatMap(([reason, ids]) => ids.map((id) => [id, reason] as const)),
)
