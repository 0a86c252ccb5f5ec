// Objects and lists in which only the context shows that a value is a secret, and harmless ones that look alike.

/** Letters and digits only, so that no encoding changes a piece of it. */
export const SECRET = 'Kq7Zx2Wm9Vt4LpRb6Nd'

type Make = (secret: string) => unknown

/** The name of a field beside its value. */
const labels: readonly (readonly [title: string, make: Make])[] = [
  ['multer', (s) => ({ fieldname: 'password', value: s })],
  ['the description of an input', (s) => ({ type: 'password', value: s })],
  ['an input with a default', (s) => ({ type: 'password', name: 'a', default: s })],
  ['an attachment of Slack', (s) => ({ title: 'Password', value: s, short: true })],
  ['k and v', (s) => ({ k: 'password', v: s })],
  ['n and v', (s) => [{ n: 'api_key', v: s }]],
  ['key and v', (s) => ({ key: 'password', v: s })],
  ['attr and val', (s) => ({ attr: 'userPassword', val: s })],
  ['a query builder', (s) => ({ key: 'password', operator: 'eq', value: s })],
  ['a filter of a grid', (s) => ({ filters: [{ property: 'password', op: 'like', val: s }] })],
  [
    'a rule of jQuery QueryBuilder',
    (s) => ({ rules: [{ id: 'password', field: 'password', operator: 'equal', value: s }] }),
  ],
  ['a binary expression', (s) => ({ left: 'password', op: '=', right: s })],
  ['an operand', (s) => ({ column: 'password_hash', operator: '=', operand: s })],
  ['a JSON filter of Prisma', (s) => ({ path: ['user', 'password'], equals: s })],
  ['variables of GraphQL as a list', (s) => ({ variables: [{ name: 'password', value: s }] })],
  [
    'the syntax tree of GraphQL',
    (s) => ({
      kind: 'Argument',
      name: { kind: 'Name', value: 'password' },
      value: { kind: 'StringValue', value: s },
    }),
  ],
  ['Elasticsearch, term', (s) => ({ query: { bool: { filter: [{ term: { password: s } }] } } })],
  ['Elasticsearch, term with a value', (s) => ({ term: { 'user.password': { value: s } } })],
  ['Elasticsearch, multi_match', (s) => ({ multi_match: { query: s, fields: ['name', 'password^2'] } })],
  ['MongoDB', (s) => ({ $and: [{ password: { $in: [s] } }, { $expr: { $eq: ['$password', s] } }] })],
  ['JSON Patch', (s) => [{ op: 'replace', path: '/password', value: s }]],
  ['JSON Patch with a test', (s) => [{ op: 'test', path: '/users/0/apiKey', value: s }]],
  ['SCIM', (s) => ({ Operations: [{ op: 'replace', path: 'password', value: s }] })],
  ['LDAP', (s) => ({ modification: { type: 'userPassword', vals: [s] } })],
  ['OpenAPI, an example', (s) => ({ in: 'header', name: 'X-Api-Key', example: s })],
  ['OpenAPI, a format', (s) => ({ type: 'string', format: 'password', example: s, default: s })],
  ['HAR', (s) => ({ postData: { params: [{ name: 'password', value: s, fileName: 'a' }] } })],
  ['Postman, a type', (s) => ({ values: [{ key: 'host', value: s, type: 'secret', enabled: true }] })],
  [
    'Postman, an auth',
    (s) => ({ auth: { type: 'bearer', bearer: [{ key: 'token', value: s, type: 'string' }] } }),
  ],
  ['Terraform, an output', (s) => ({ outputs: { db: { sensitive: true, type: 'string', value: s } } })],
  ['Azure DevOps', (s) => ({ variables: { db: { value: s, isSecret: true } } })],
  ['GitLab', (s) => [{ key: 'HOST', value: s, masked: true, protected: false }]],
  ['Ansible', (s) => ({ vars_prompt: [{ name: 'password', private: true, default: s }] })],
  ['Docker', (s) => ({ Env: ['PATH=/bin', `PASSWORD=${s}`] })],
  ['Docker, a longer name', (s) => ({ Config: { Env: [`POSTGRES_PASSWORD=${s}`, 'TZ=UTC'] } })],
  ['AWS tags', (s) => ({ Tags: [{ Key: 'db-password', Value: s }] })],
  ['AWS names', (s) => ({ Environment: [{ Name: 'DB_PASSWORD', Value: s }] })],
  ['CloudFormation', (s) => ({ Parameters: [{ ParameterKey: 'DbPassword', ParameterValue: s }] })],
  ['CloudFormation, outputs', (s) => ({ Outputs: [{ OutputKey: 'ApiKey', OutputValue: s }] })],
  ['Elastic Beanstalk', (s) => [{ Namespace: 'aws:env', OptionName: 'DB_PASSWORD', Value: s }]],
  ['Systems Manager', (s) => ({ Parameter: { Name: '/app/db', Type: 'SecureString', Value: s } })],
  ['SNS', (s) => ({ Name: 'api-key', DataType: 'String', StringValue: s })],
  ['Kubernetes, a variable', (s) => ({ env: [{ name: 'DB_PASSWORD', value: s }] })],
  ['Kubernetes, a Secret', (s) => ({ kind: 'Secret', data: { conf: s }, stringData: { conf: s } })],
  ['SQL binds', (s) => [{ column: 'password', value: s }]],
  [
    'a change of Jira',
    (s) => ({ items: [{ field: 'password', from: s, fromString: s, to: s, toString: s }] }),
  ],
  ['a change, old and new', (s) => ({ attribute: 'pin', old: s, new: s })],
  ['a form of questions', (s) => ({ question: 'What is your password?', answer: s })],
  ['a recording of a browser', (s) => ({ type: 'change', selectors: [['#password']], value: s })],
  ['a user interface', (s) => ({ inputName: 'password', inputValue: s })],
  ['an upper-case label', (s) => ({ NAME: 'PASSWORD', VALUE: s })],
  ['two labels in different spellings', (s) => ({ name: 'password', Name: 'city', value: s })],
]

/** Keys beside keys. */
const siblings: readonly (readonly [title: string, make: Make])[] = [
  ['a callback of OAuth', (s) => ({ code: s, state: 'x' })],
  ['a callback with an issuer', (s) => ({ code: 'abc', iss: 'https://id', state: s })],
  ['a code alone that looks random', (s) => ({ code: s })],
  ['a state alone that looks random', (s) => ({ state: s, page: 1 })],
  ['a session that looks random', (s) => ({ session: s })],
  ['a ticket of CAS', (s) => ({ ticket: `ST-1-${s}` })],
  ['PKCE', (s) => ({ code_verifier: s, code_challenge_method: 'S256' })],
  [
    'a private JSON Web Key',
    (s) => ({ kty: 'RSA', n: 'a', e: 'AQAB', d: s, p: s, q: s, dp: s, dq: s, qi: s }),
  ],
  ['a list of JSON Web Keys', (s) => ({ keys: [{ kty: 'EC', crv: 'P-256', d: s }] })],
  ['a symmetric JSON Web Key', (s) => ({ kty: 'oct', k: s })],
  ['a key and a certificate', (s) => ({ key: s, cert: 'a' })],
  ['Hawk', (s) => ({ id: 'a', key: s, algorithm: 'sha256' })],
  ['a user with a key', (s) => ({ username: 'jan', key: s })],
  ['a user with a password', (s) => ({ user: 'jan', pass: s })],
  ['an id with a secret', (s) => ({ id: 'app', secret: s })],
  ['SSH', (s) => ({ host: 'h', username: 'jan', privateKey: s, passphrase: s })],
  ['a policy of S3', (s) => ({ AWSAccessKeyId: 'a', policy: 'eyJ', signature: s })],
  ['a card with its expiry', (s) => ({ number: s, exp: '12/30' })],
  ['a card by its number', (s) => ({ pan: s, expiry: '12/30' })],
  ['3-D Secure', (s) => ({ eci: '05', xid: s, authenticationValue: s })],
  ['a salted hash', (s) => ({ salt: 'a', hash: s, iterations: 1000 })],
]

/** Lists in which a neighbour is the name. */
const lists: readonly (readonly [title: string, make: Make])[] = [
  ['a condition', (s) => ['password', '=', s]],
  ['a condition with a colon', (s) => ['password', ':', s]],
  ['a condition with a word', (s) => ({ where: ['password', 'eq', s] })],
  ['conditions of DevExtreme', (s) => ({ filter: [['password', '=', s], 'and', ['city', '=', 'Delft']] })],
  ['flat conditions', (s) => ({ filter: ['city', '=', 'Delft', 'and', 'token', '=', s] })],
  ['a condition with a list', (s) => ({ filter: ['token', 'in', [s, 'b']] })],
  ['a condition with a verb in front', (s) => ['where', 'password', '=', s]],
  [
    'a header of HPACK',
    (s) => [
      ['authorization', s, true],
      ['host', 'x', false],
    ],
  ],
  ['arguments of a command', (s) => ({ args: ['mysql', '--user', 'jan', '--password', s] })],
  [
    'arguments of a command, an even number',
    (s) => ({ args: ['mysql', '-u', 'jan', '--db-password', s, 'app'] }),
  ],
  [
    'columns and rows',
    (s) => ({
      columns: ['id', 'password'],
      rows: [
        [1, s],
        [2, s],
      ],
    }),
  ],
  ['columns that are objects', (s) => ({ fields: [{ name: 'id' }, { name: 'api_key' }], rows: [[1, s]] })],
  ['columns and data', (s) => ({ data: [['jan', s]], columns: ['user', 'password'] })],
  [
    'CSV with a header',
    (s) => [
      ['id', 'name', 'password'],
      ['1', 'Jan', s],
      ['2', 'Piet', s],
    ],
  ],
  [
    'CSV of two columns',
    (s) => [
      ['user', 'password'],
      ['jan', s],
    ],
  ],
  ['a number in a table', () => ({ columns: ['id', 'pin'], rows: [[1, 4_111_111_111_111_111]] })],
]

export const CONTEXT_SECRETS = [...labels, ...siblings, ...lists]

/** Each stays as it is. */
export const HARMLESS_CONTEXTS: readonly (readonly [title: string, value: unknown])[] = [
  // Labels.
  ['a field of a form', { fieldname: 'city', value: 'Delft', type: 'text' }],
  ['a title', { title: 'The secret garden', text: 'A novel', content: 'Once upon a time' }],
  ['k and v', { k: 'city', v: 'Delft' }],
  ['a query builder', { key: 'status', operator: 'eq', value: 'open' }],
  ['a binary expression', { left: 'age', op: '>', right: 18 }],
  ['a schema', { type: 'string', format: 'date', example: '2026-11-24', default: '2026-11-24' }],
  [
    'a description of a field',
    { name: 'password', type: 'string', required: true, description: 'At least 8' },
  ],
  ['JSON Patch', [{ op: 'replace', path: '/city', value: 'Delft' }]],
  ['a flag that is false', { sensitive: false, value: 'Delft' }],
  ['a change', { field: 'city', from: 'Delft', to: 'Gouda', old: 'Delft', new: 'Gouda' }],
  ['a ConfigMap', { kind: 'ConfigMap', data: { conf: 'a=b' } }],
  ['AWS tags', { Tags: [{ Key: 'Name', Value: 'db' }] }],
  ['a question', { question: 'Where is Delft?', answer: 'South Holland' }],
  ['full-text search', { multi_match: { query: 'Delft', fields: ['name', 'city'] } }],
  // Siblings.
  ['a country', { code: 'NL', name: 'Netherlands' }],
  ['a product', { code: 'NL-1234', page: 2 }],
  ['a state of the US', { code: 'CA', state: 'California', country: 'US' }],
  ['a state of an order', { id: 1, code: 'A-12', state: 'open' }],
  ['a state and a page', { state: 'California', page: 2 }],
  ['an error of Node', { code: 'ERR_INVALID_ARG_TYPE', message: 'x', state: 'failed' }],
  ['an error of SQL', { code: '23505', severity: 'ERROR' }],
  ['an invoice', { code: 'INV-2026-000123' }],
  ['a key', { key: 'name', page: 1 }],
  ['a key of S3', { key: 'uploads/2026/photo.png', bucket: 'b' }],
  ['a setting of a user', { user: 'jan', key: 'theme' }],
  ['a session of a conference', { session: 'morning', room: 'A' }],
  ['a ticket', { ticket: 'PROJ-1234' }],
  ['a hash of a commit', { hash: '9fceb02d0ae598e95dc970b74767f19372d61af8', author: 'Jan' }],
  ['a transaction', { nonce: 42, gas: 21_000 }],
  ['a public JSON Web Key', { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: '1', use: 'sig' }],
  ['a search', { q: 'Delft', p: 2, d: 'asc', k: 'v' }],
  ['a house', { street: 'Markt', number: 12, expires: 'never' }],
  ['a passport', { number: 'A12', expiryDate: '2030-01-01' }],
  ['a code beside an address', { email: 'a@example.org', code: 'NL' }],
  // Tokens that are positions and ids.
  ['a page token', { page_token: 'CAUQAA', nextPageToken: 'Q0FVUUFB', items: [] }],
  [
    'a call of Twilio',
    { CallSid: `CA${'0a'.repeat(16)}`, ParentCallSid: `CA${'1b'.repeat(16)}`, CallStatus: 'ringing' },
  ],
  ['a message of Twilio', { sid: `SM${'0a'.repeat(16)}`, status: 'sent' }],
  ['an account of Windows', { objectSid: 'S-1-5-21-1004336348-1177238915-682003330-512' }],
  ['counted tokens', { usage: { total_tokens: '81234', prompt_tokens: 12, completion_tokens: 3 } }],
  // References to secrets.
  ['a checksum', { annotations: { 'checksum/secret': '9fceb02d0ae598e95dc970b74767f193' } }],
  ['values of Helm', { existingSecret: 'db-credentials', pullSecrets: ['registry'] }],
  ['imagePullSecrets', { spec: { imagePullSecrets: [{ name: 'registry' }] } }],
  ['a volume of a Secret', { volumes: [{ name: 'tls', secret: { secretName: 'tls', defaultMode: 420 } }] }],
  [
    'a volume with items',
    { secret: { secretName: 'tls', items: [{ key: 'tls.crt', path: 'tls.crt' }], optional: false } },
  ],
  [
    'secretKeyRef',
    { env: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] },
  ],
  ['secretRef', { envFrom: [{ secretRef: { name: 'db', optional: true } }] }],
  ['a service account', { kind: 'ServiceAccount', secrets: [{ name: 'default-dockercfg' }] }],
  ['a compose file', { services: { db: { image: 'x', secrets: ['db_password', 'server-cert'] } } }],
  [
    'secrets of a compose file',
    { secrets: { db_password: { file: './db_password.txt' }, api: { external: true } } },
  ],
  [
    'a long form of a compose file',
    { secrets: [{ source: 'db_password', target: 'db', uid: '103', mode: 288 }] },
  ],
  ['GitHub Actions, inherited', { uses: './a.yml', secrets: 'inherit' }],
  ['GitHub Actions, an expression', { with: { token: '$' + '{{ secrets.GITHUB_TOKEN }}' } }],
  ['GitHub Actions, required', { on: { workflow_call: { secrets: { deploy: { required: true } } } } }],
  ['a variable of the environment', { password: '$' + '{DB_PASSWORD}' }],
  ['a path of Vault', { vaultPath: 'secret/data/app', mount: 'kv' }],
  ['TokenReview', { kind: 'TokenReview', status: { authenticated: true, user: { username: 'jan' } } }],
  [
    'a token that is described',
    { token: { type: 'Bearer', expires_in: 3600, created_at: '2026-11-24T09:30:00Z' } },
  ],
  ['rules of a password', { password: { minLength: 8, required: true } }],
  ['an operator', { password: { $exists: true }, token: { not: null } }],
  // Lists.
  ['a condition', ['city', '=', 'Delft']],
  ['selected fields', { fields: ['password', 'email'], select: ['token', 'id'] }],
  ['a path', { path: ['password', 0], message: 'Required' }],
  ['required fields', { required: ['username', 'password', 'email'] }],
  ['a sort', { sort: ['token', 'asc'] }],
  ['words', { words: ['the', 'password', 'is', 'required'] }],
  ['flags', { args: ['git', '--no-password', '--verbose'] }],
  ['columns and rows', { columns: ['id', 'city'], rows: [[1, 'Delft']] }],
  ['columns of a table', { columns: ['id', 'password'], rows: [] }],
  [
    'CSV',
    [
      ['id', 'city'],
      ['1', 'Delft'],
    ],
  ],
  [
    'a matrix',
    [
      [1, 2],
      [3, 4],
    ],
  ],
]

/** Values under sensitive keys that look like the harmless ones above. */
export const STILL_HIDDEN: readonly (readonly [title: string, make: Make])[] = [
  ['a wrapped token', (s) => ({ token: { value: s } })],
  ['a token beside its description', (s) => ({ token: { type: 'Bearer', expires_in: 1, access: s } })],
  ['a token with an id', (s) => ({ token: { id: s, expires_at: '2026-11-24' } })],
  ['an operator with a value', (s) => ({ password: { $ne: s } })],
  ['a secret with a name', (s) => ({ secret: { name: 'a', key: s } })],
  ['a secret that is the name', (s) => ({ secret: { name: s } })],
  ['a list of secrets', (s) => ({ secrets: [s] })],
  ['named secrets', (s) => ({ secrets: { db: s } })],
  ['a password with a name', (s) => ({ password: { name: s } })],
  ['a sid that is none of Twilio', (s) => ({ sid: s })],
  ['a text with a reference in it', (s) => ({ token: ['$', '{{ secrets.A }}', s].join('') })],
  ['a list of names with a value', (s) => ({ fields: ['password', s] })],
]
