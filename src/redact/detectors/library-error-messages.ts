// Messages in which libraries and databases quote values. `library-errors.ts` compiles them. To add a message, add a row, and a
// case in `test/redact/corpus/library-errors.ts`.

/** A message that quotes a value. The parts are patterns, which stand behind each other in the message. */
export interface ErrorMessage {
  readonly library: string
  /** A part of the message, as a quick check. */
  readonly marker: string
  /**
   * Stands in front of the value. With a group `name` here or in `after`, the value is hidden if one of the names in it is
   * sensitive; without, it always is, because nothing shows which field the value belongs to.
   */
  readonly before: string
  /** The value. */
  readonly secret: string
  /** Stands behind the value. */
  readonly after: string
  /** @default 'g' */
  readonly flags?: string
  /** A message with the secret `geheim`. */
  readonly example: string
  readonly source: string
}

/** A quote, which may be escaped. */
const QUOTE = String.raw`\\{0,7}["'\`]`
/** A quote of JSON, or one within a JSON text. */
const JSON_QUOTE = String.raw`\\?"`
/** A value of up to so many characters: the shortest, or the longest that the rest of the message allows. */
const shortest = (max: number) => String.raw`[^\r\n]{1,${max}}?`
const longest = (max: number) => String.raw`[^\r\n]{1,${max}}`
/**
 * A long value. It ends where the message begins again, so that a text of many beginnings is read once and not from each of
 * them.
 */
const longestBefore = (beginning: string, max: number) => `(?:(?!${beginning})[^\\r\\n]){1,${max}}`
/** V8 quotes these where a page or a variable was taken for JSON. */
const NO_SECRET = String.raw`<!doctype|<html|<\?xml|<head|<body|undefined|null|\[object|\[REDACTED`

/** The way to a value as Jackson prints it: `User["login"]->Login["pin"]`. The last name is that of the value. */
const REFERENCE = String.raw`[^\r\n]{1,300}\["(?<name>[^"\r\n]{1,100})"\]`

const JSON_PARSERS: readonly ErrorMessage[] = [
  {
    library: 'JSON.parse of V8 (also in body-parser and Fastify)',
    marker: 'is not valid JSON',
    before: String.raw`(?:^|[\s,:(\["'])(?:\.{3})?${JSON_QUOTE}`,
    secret: `(?!${NO_SECRET})${shortest(80)}`,
    after: String.raw`${JSON_QUOTE}(?:\.{3})? is not valid JSON`,
    flags: 'gi',
    example: 'Unexpected token \'g\', "geheim" is not valid JSON',
    source: 'https://chromium.googlesource.com/v8/v8/+/refs/heads/main/src/common/message-template.h',
  },
  {
    library: 'JSON.parse of JavaScriptCore (Bun, Safari)',
    marker: 'JSON Parse error',
    before: String.raw`JSON Parse error: \w{1,20} \w{1,20} \\?["']`,
    secret: shortest(300),
    after: String.raw`\\?["'](?=$|[\s.,;)}])`,
    example: 'JSON Parse error: Unexpected identifier "geheim"',
    source: 'https://github.com/WebKit/WebKit/blob/main/Source/JavaScriptCore/runtime/LiteralParser.cpp',
  },
  {
    library: 'Jackson',
    marker: 'reference chain',
    before: `from String "(?=(?:(?!from String ")[^]){1,2000}?reference chain: ${REFERENCE})`,
    secret: shortest(1000),
    after: '": ',
    example: 'from String "geheim": not a valid value (through reference chain: User["pin"])',
    source: 'https://github.com/FasterXML/jackson-databind',
  },
  {
    library: 'Newtonsoft.Json',
    marker: ". Path '",
    before: ': ',
    secret: String.raw`[^\r\n:]{1,1000}`,
    after: String.raw`\. Path '(?<name>[^'\r\n]{1,100})'`,
    example: "Could not convert string to integer: geheim. Path 'pin', line 1",
    source: 'https://www.newtonsoft.com/json/help/html/SerializationErrorHandling.htm',
  },
]

const VALIDATORS: readonly ErrorMessage[] = [
  {
    library: 'Joi, and the validator of Mongoose',
    marker: 'with value',
    before: String.raw`(?<name>[\w.\[\]-]{1,100})${QUOTE} with value ${QUOTE}`,
    secret: shortest(500),
    after: String.raw`${QUOTE}(?=$|[\s.,;)}"])`,
    example: '"user.password" with value "geheim" fails to match the required pattern',
    source: 'https://joi.dev/api/#list-of-errors',
  },
  {
    library: 'Yup',
    marker: 'final value was',
    before: String.raw`(?<name>[\w.[\]-]{1,100}) must be a [^\r\n]{1,60} final value was: \``,
    secret: longest(500),
    after: '`',
    example: 'password must be a `number` type, but the final value was: `geheim`.',
    source: 'https://github.com/jquense/yup/blob/master/src/locale.ts',
  },
  {
    library: 'Mongoose, cast',
    marker: 'Cast to',
    before: String.raw`Cast to [\w[\]]{1,40} failed for value "`,
    secret: shortest(500),
    after: String.raw`"(?: \(type [\w]{1,30}\))? at path "(?<name>[^"\r\n]{1,100})"`,
    example: 'Cast to Number failed for value "geheim" (type string) at path "pin"',
    source: 'https://mongoosejs.com/docs/validation.html#cast-errors',
  },
  {
    library: 'Mongoose, length',
    marker: 'Path `',
    before: String.raw`Path \`(?<name>[^\`\r\n]{1,100})\` \(`,
    secret: shortest(500),
    after: String.raw`\) is `,
    example: 'Path `password` (geheim) is shorter than the minimum allowed length',
    source: 'https://mongoosejs.com/docs/validation.html#built-in-validators',
  },
  {
    library: 'Mongoose, enum',
    marker: 'enum value for path',
    before: '`',
    secret: String.raw`[^\`\r\n]{1,500}`,
    after: String.raw`\` is not a valid enum value for path \`(?<name>[^\`\r\n]{1,100})\``,
    example: '`geheim` is not a valid enum value for path `password`.',
    source: 'https://mongoosejs.com/docs/validation.html#built-in-validators',
  },
  {
    library: 'Spring',
    marker: 'rejected value [',
    before: String.raw`on field '(?<name>[^'\r\n]{1,100})': rejected value \[`,
    secret: shortest(1000),
    after: String.raw`\](?:;|$)`,
    example: "on field 'password': rejected value [geheim]; codes [Size]",
    source:
      'https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/validation/FieldError.html',
  },
  {
    library: 'pydantic',
    marker: 'input_value=',
    before: String.raw`^(?<name>[\w.]{1,200})\r?\n[ \t]{1,10}[^\r\n]{1,300}input_value=`,
    secret: longest(500),
    after: ', input_type',
    flags: 'gm',
    example:
      "password\n  String should have at least 12 characters [type=string_too_short, input_value='geheim', input_type=str]",
    source: 'https://docs.pydantic.dev/latest/errors/errors/',
  },
]

const DATABASES: readonly ErrorMessage[] = [
  {
    library: 'MongoDB, duplicate key without names',
    marker: 'dup key',
    before: String.raw`index: (?<name>\S{1,200}) dup key: \{ : `,
    secret: longest(500),
    after: String.raw` \}`,
    example: 'E11000 duplicate key error index: users.token_1 dup key: { : "geheim" }',
    source: 'https://www.mongodb.com/docs/manual/reference/error-codes/',
  },
  {
    library: 'PostgreSQL, key',
    marker: 'Key (',
    before: String.raw`Key \((?<name>[^\r\n=]{1,300})\)=\(`,
    secret: shortest(1000),
    after: String.raw`\) (?:already|is|conflicts)`,
    example: 'Key (token)=(geheim) already exists.',
    source: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    library: 'PostgreSQL, row',
    marker: 'ailing row contains',
    before: String.raw`ailing row contains \(`,
    secret: longestBefore('ailing row', 5000),
    after: String.raw`\)`,
    example: 'Failing row contains (1, geheim).',
    source: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    library: 'PostgreSQL, rest of a statement with an unclosed quote',
    marker: 'unterminated',
    before: String.raw`unterminated [\w ]{1,40} at or near "`,
    secret: longest(5000),
    after: '"',
    example: 'unterminated quoted string at or near "geheim"',
    source: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    library: 'MySQL, duplicate entry',
    marker: 'uplicate entry',
    before: "uplicate entry '",
    secret: shortest(500),
    after: String.raw`' for key '?(?<name>[^'\s]{1,200})`,
    example: "Duplicate entry 'geheim' for key 'users.token'",
    source: 'https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html',
  },
  {
    library: 'MySQL, value of a column',
    marker: ' for column ',
    before: String.raw`(?:ncorrect|ange) [\w ]{1,30}: '`,
    secret: shortest(500),
    after: String.raw`' for column ['\`]?(?<name>[^\s]{1,200})`,
    example: "Incorrect integer value: 'geheim' for column 'pin' at row 1",
    source: 'https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html',
  },
  {
    library: 'SQL Server',
    marker: 'duplicate key value is',
    before: String.raw`(?:index|constraint) '(?<name>[^'\r\n]{1,200})'[^\r\n]{1,200}duplicate key value is \(`,
    secret: longestBefore('duplicate key', 1000),
    after: String.raw`\)`,
    flags: 'gi',
    example:
      "Cannot insert duplicate key row in object 'dbo.users' with unique index 'IX_token'. The duplicate key value is (geheim).",
    source:
      'https://learn.microsoft.com/sql/relational-databases/errors-events/mssqlserver-2601-database-engine-error',
  },
  {
    library: 'ioredis and node-redis',
    marker: 'args:',
    before: String.raw`name: ['"](?:auth|hello)['"],\s{1,20}args: \[`,
    secret: String.raw`[^\]]{1,1000}`,
    after: String.raw`\]`,
    flags: 'gi',
    example: "command: { name: 'auth', args: [ 'geheim' ] }",
    source: 'https://github.com/redis/ioredis',
  },
]

const CLIENTS: readonly ErrorMessage[] = [
  {
    library: 'undici (fetch)',
    marker: 'invalid header value',
    before: String.raw`Headers[\w. ]{0,30}: "`,
    // A line break is what makes most of these values invalid.
    secret: '(?:(?!Headers)[^]){1,5000}',
    after: '" is an invalid header value',
    example: 'Headers.append: "Bearer geheim" is an invalid header value.',
    source: 'https://github.com/nodejs/undici/blob/main/lib/web/fetch/headers.js',
  },
  {
    library: 'a header with its name',
    marker: 'for header',
    before: 'nvalid value "',
    secret: `${longestBefore('nvalid value', 5000)}?`,
    after: String.raw`" for header "(?<name>[\w-]{1,100})"`,
    example: 'Invalid value "geheim" for header "authorization"',
    source: 'https://nodejs.org/api/errors.html#err_http_invalid_header_value',
  },
  {
    library: 'requests and http.client of Python',
    marker: 'eader value',
    before: `(?:in header value: |nvalid header value )b?['"]`,
    secret: longest(5000),
    after: `['"]`,
    example: "Invalid header value b'geheim\\n'",
    source: 'https://github.com/psf/requests/blob/main/src/requests/utils.py',
  },
  {
    library: 'SMTP and IMAP',
    marker: 'AUTH',
    before: String.raw`\bAUTH(?:ENTICATE)? (?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5) `,
    secret: '[A-Za-z0-9+/=_-]{4,5000}',
    after: '',
    example: 'AUTH PLAIN geheim',
    source: 'https://www.rfc-editor.org/rfc/rfc4954#section-4',
  },
]

/** No errors, but lines that programs print in the same way: the place of the value shows what it is. */
const PRINTED_LINES: readonly ErrorMessage[] = [
  {
    library: 'GraphQL',
    marker: 'got invalid value',
    before: String.raw`Variable "\$(?<name>\w{1,100})" got invalid value `,
    secret: String.raw`"[^\r\n]{0,500}?"|[^\s;,"]{1,100}`,
    after: String.raw`(?=[;,.\s]|$)`,
    example: 'Variable "$password" got invalid value "geheim"; Expected type',
    source: 'https://github.com/graphql/graphql-js/blob/main/src/execution/values.ts',
  },
  {
    library: 'AWS, signature of a request',
    marker: 'Signature=',
    before: String.raw`\bCredential=[^\r\n]{1,300}?[ ,&]Signature=`,
    secret: String.raw`[\w+/=]{16,200}`,
    after: '',
    example: 'Credential=AKIDEXAMPLE/20260101/eu/s3/aws4_request, Signature=geheimgeheimgeheim',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html',
  },
  {
    library: 'Redis, setting',
    marker: 'requirepass',
    before: String.raw`\brequirepass `,
    secret: String.raw`"[^"\r\n]{1,500}"|[^\s"]{1,500}`,
    after: '',
    example: 'requirepass geheim',
    source: 'https://redis.io/docs/latest/operate/oss_and_stack/management/security/',
  },
  {
    library: 'PostgreSQL, password file',
    marker: ':',
    before: String.raw`^[^\s:/"']{1,200}:(?:\d{4,5}|\*):[^\s:]{1,100}:[^\s:]{1,100}:`,
    secret: String.raw`[^\s:]{4,500}`,
    after: '$',
    flags: 'gm',
    example: 'db.example.org:5432:app:jan:geheim',
    source: 'https://www.postgresql.org/docs/current/libpq-pgpass.html',
  },
]

export const LIBRARY_ERROR_MESSAGES: readonly ErrorMessage[] = [
  ...JSON_PARSERS,
  ...VALIDATORS,
  ...DATABASES,
  ...CLIENTS,
  ...PRINTED_LINES,
]
