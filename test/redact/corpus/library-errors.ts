// Messages of errors that libraries make, with a secret of the request or the database in them.
import type { TextCase } from './text-values.js'

export const LIBRARY_ERRORS: readonly TextCase[] = [
  [
    'JSON.parse of V8, around',
    (s) => `Unexpected token 'x', ..."rd":"${s.slice(0, 12)}"... is not valid JSON`,
  ],
  [
    'JSON.parse of V8, the beginning',
    (s) => `Unexpected token 'x', "${s.slice(0, 12)}"... is not valid JSON`,
  ],
  ['JSON.parse of V8, the end', (s) => `Unexpected token 'x', ..."${s}" is not valid JSON`],
  ['JSON.parse of V8, all', (s) => `"${s}" is not valid JSON`],
  [
    'JSON.parse of V8, in a message',
    (s) => `Bad body: Unexpected token 'x', "{"a":"${s}"... is not valid JSON`,
  ],
  [
    'JSON.parse of V8, escaped',
    (s) => `{"m":"Unexpected token 'x', \\"${s}\\"... is not valid JSON"} failed`,
  ],
  ['JSON.parse of JavaScriptCore', (s) => `JSON Parse error: Unexpected identifier "${s}"`],
  ['js-yaml', (s) => `bad indentation (2:10)\n\n 1 | user: jan\n 2 | password: a ${s}\n--------^`],
  ['Joi', (s) => `"password" with value "${s}" fails to match the required pattern`],
  ['Joi, escaped', (s) => `{"m":"\\"password\\" with value \\"a ${s}\\" fails"} sent`],
  ['Yup', (s) => `pin must be a \`number\` type, but the final value was: \`"a ${s}"\`.`],
  ['Mongoose, cast', (s) => `Cast to Number failed for value "a ${s}" (type string) at path "pin"`],
  [
    'Mongoose, length',
    (s) => `Path \`password\` (\`a ${s}\`) is shorter than the minimum allowed length (8).`,
  ],
  ['Mongoose, validator', (s) => `Validator failed for path \`password\` with value \`a ${s}\``],
  ['Mongoose, enum', (s) => `\`a ${s}\` is not a valid enum value for path \`token\`.`],
  [
    'MongoDB',
    (s) => `E11000 duplicate key error collection: a.users index: token_1 dup key: { token: "a ${s}" }`,
  ],
  [
    'MongoDB, without names',
    (s) => `E11000 duplicate key error index: a.users.$token_1 dup key: { : "a ${s}" }`,
  ],
  ['PostgreSQL, key', (s) => `Key (password)=(a ${s}) already exists.`],
  ['PostgreSQL, several columns', (s) => `Key (email, token)=(a@b.nl, ${s}) already exists.`],
  ['PostgreSQL, an expression', (s) => `Key (lower(token::text))=(a ${s}) already exists.`],
  ['PostgreSQL, row', (s) => `Failing row contains (1, jan, a ${s}, null).`],
  ['PostgreSQL, quotes', (s) => `unterminated quoted string at or near "'a ${s}"`],
  ['MySQL', (s) => `ER_DUP_ENTRY: Duplicate entry 'a ${s}' for key 'users.token'`],
  ['MySQL, unique', (s) => `Duplicate entry '${s}' for key 'token_UNIQUE'`],
  ['MySQL, column', (s) => `Incorrect integer value: 'a ${s}' for column 'pin' at row 1`],
  [
    'SQL Server',
    (s) =>
      `Cannot insert duplicate key row in object 'dbo.users' with unique index 'IX_users_token'. The duplicate key value is (a ${s}).`,
  ],
  [
    'Prisma',
    (s) =>
      `Invalid \`prisma.user.create()\` invocation:\n\n{\n  data: {\n    password: "a ${s}",\n    ~~~~~~~~`,
  ],
  ['undici', (s) => `Headers.append: "Bearer${s}" is an invalid header value.`],
  ['undici, line break', (s) => `Headers.append: "a ${s}\n" is an invalid header value.`],
  ['a header', (s) => `Invalid value "a ${s}" for header "authorization"`],
  [
    'requests of Python',
    (s) =>
      `Invalid leading whitespace, reserved character(s), or return character(s) in header value: 'a ${s}'`,
  ],
  [
    'Spring',
    (s) => `Field error in object 'user' on field 'password': rejected value [a ${s}]; codes [Size]`,
  ],
  [
    'Jackson',
    (s) =>
      `Cannot deserialize value of type \`int\` from String "a ${s}": not a valid Integer (through reference chain: a.User["pin"])`,
  ],
  [
    'Jackson with the location',
    (s) =>
      `Cannot deserialize value of type \`int\` from String "a ${s}": not a valid \`int\` value\n at [Source: (String)"{...}"; line: 1, column: 8] (through reference chain: a.User["pin"])`,
  ],
  ['Newtonsoft', (s) => `Could not convert string to integer: a ${s}. Path 'pin', line 1, position 20.`],
  [
    'pydantic',
    (s) =>
      `1 validation error for User\npin\n  Input should be a valid integer [type=int_type, input_value='a ${s}', input_type=str]`,
  ],
  ['ioredis', (s) => `command: { name: 'auth', args: [ 'jan', 'a ${s}' ] }`],
  ['SMTP', (s) => `535 rejected: AUTH PLAIN ${Buffer.from(`\0jan\0x`).toString('base64')}${s}`],
  ['fetch', (s) => `Request failed: GET https://example.org/cb?access_token=${s}`],
  ['Node, connection', (s) => `connect ECONNREFUSED postgres://jan:${s}@db:5432/app`],
  [
    'util.inspect, input',
    (s) => `TypeError: Invalid URL { code: 'ERR_INVALID_URL', input: 'https://jan:${s}@' }`,
  ],
]

export const HARMLESS_ERRORS: readonly string[] = [
  `Unexpected token '<', "<!DOCTYPE "... is not valid JSON`,
  `Unexpected token '<', "<html><hea"... is not valid JSON`,
  '"undefined" is not valid JSON',
  'Unexpected token \'o\', "[object Obj"... is not valid JSON',
  'Unexpected end of JSON input',
  "Expected ',' or '}' after property value in JSON at position 12 (line 1 column 13)",
  'E11000 duplicate key error collection: a.users index: email_1 dup key: { email: "a@b.nl" }',
  'Key (email)=(a@b.nl) already exists.',
  "Duplicate entry 'a@b.nl' for key 'users.email'",
  'Cast to ObjectId failed for value "abc" (type string) at path "_id" for model "User"',
  'Path `password` is required.',
  '"password" is required',
  '"password" length must be at least 8 characters long',
  'Unique constraint failed on the fields: (`token`)',
  'SQLITE_CONSTRAINT: UNIQUE constraint failed: users.token',
  'Invalid value "undefined" for header "x-count"',
  'Invalid character in header content ["authorization"]',
  'jwt malformed',
  'connect ECONNREFUSED 127.0.0.1:5432',
  "Table 'app.tokens' doesn't exist",
  'column "password" does not exist',
  'null value in column "password" of relation "users" violates not-null constraint',
]
