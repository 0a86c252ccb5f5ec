import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { Detector } from './detector.js'

/** A message of a library that quotes a value. */
interface ErrorMessage {
  readonly library: string
  /** A part of the message, as a quick check. */
  readonly marker: string
  /**
   * Has the named groups `before`, `secret` and `after`. With a group `name`, the value is hidden if one of the names in
   * it is sensitive; without, it always is, because nothing tells what the value is.
   */
  readonly pattern: RegExp
  readonly source: string
}

/** A quote, which may be escaped. */
const Q = String.raw`\\{0,7}["'\`]`
const NOT_JSON = String.raw`(?<before>(?:^|[\s,:(\["'])(?:\.{3})?\\?")(?<secret>(?!<!doctype|<html|<\?xml|<head|<body|undefined|null|\[object|\[REDACTED)[^\r\n]{1,80}?)(?<after>\\?"(?:\.{3})? is not valid JSON)`

const MESSAGES: readonly ErrorMessage[] = [
  {
    library: 'JSON.parse of V8 (also in body-parser and Fastify)',
    marker: 'is not valid JSON',
    pattern: new RegExp(NOT_JSON, 'gi'),
    source: 'https://chromium.googlesource.com/v8/v8/+/refs/heads/main/src/common/message-template.h',
  },
  {
    library: 'JSON.parse of JavaScriptCore (Bun, Safari)',
    marker: 'JSON Parse error',
    pattern:
      /(?<before>JSON Parse error: \w{1,20} \w{1,20} \\?["'])(?<secret>[^\r\n]{1,300}?)(?<after>\\?["'](?=$|[\s.,;)}]))/g,
    source: 'https://github.com/WebKit/WebKit/blob/main/Source/JavaScriptCore/runtime/LiteralParser.cpp',
  },
  {
    library: 'Joi, and the validator of Mongoose',
    marker: 'with value',
    pattern: new RegExp(
      `(?<before>(?<name>[\\w.\\[\\]-]{1,100})${Q} with value ${Q})(?<secret>[^\\r\\n]{1,500}?)(?<after>${Q}(?=$|[\\s.,;)}"]))`,
      'g',
    ),
    source: 'https://joi.dev/api/#list-of-errors',
  },
  {
    library: 'Yup',
    marker: 'final value was',
    pattern:
      /(?<before>(?<name>[\w.[\]-]{1,100}) must be a [^\r\n]{1,60} final value was: `)(?<secret>[^\r\n]{1,500})(?<after>`)/g,
    source: 'https://github.com/jquense/yup/blob/master/src/locale.ts',
  },
  {
    library: 'Mongoose, cast',
    marker: 'Cast to',
    pattern:
      /(?<before>Cast to [\w[\]]{1,40} failed for value ")(?<secret>[^\r\n]{1,500}?)(?<after>"(?: \(type [\w]{1,30}\))? at path "(?<name>[^"\r\n]{1,100})")/g,
    source: 'https://mongoosejs.com/docs/validation.html#cast-errors',
  },
  {
    library: 'Mongoose, length',
    marker: 'Path `',
    pattern: /(?<before>Path `(?<name>[^`\r\n]{1,100})` \()(?<secret>[^\r\n]{1,500}?)(?<after>\) is )/g,
    source: 'https://mongoosejs.com/docs/validation.html#built-in-validators',
  },
  {
    library: 'Mongoose, enum',
    marker: 'enum value for path',
    pattern:
      /(?<before>`)(?<secret>[^`\r\n]{1,500})(?<after>` is not a valid enum value for path `(?<name>[^`\r\n]{1,100})`)/g,
    source: 'https://mongoosejs.com/docs/validation.html#built-in-validators',
  },
  {
    library: 'MongoDB, duplicate key without names',
    marker: 'dup key',
    pattern: /(?<before>index: (?<name>\S{1,200}) dup key: \{ : )(?<secret>[^\r\n]{1,500})(?<after> \})/g,
    source: 'https://www.mongodb.com/docs/manual/reference/error-codes/',
  },
  {
    library: 'PostgreSQL, key',
    marker: 'Key (',
    pattern:
      /(?<before>Key \((?<name>[^\r\n=]{1,300})\)=\()(?<secret>[^\r\n]{1,1000}?)(?<after>\) (?:already|is|conflicts))/g,
    source: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    library: 'PostgreSQL, row',
    marker: 'ailing row contains',
    pattern: /(?<before>ailing row contains \()(?<secret>[^\r\n]{1,5000})(?<after>\))/g,
    source: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    library: 'PostgreSQL, rest of a statement with an unclosed quote',
    marker: 'unterminated',
    pattern: /(?<before>unterminated [\w ]{1,40} at or near ")(?<secret>[^\r\n]{1,5000})(?<after>")/g,
    source: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
  },
  {
    library: 'MySQL, duplicate entry',
    marker: 'uplicate entry',
    pattern:
      /(?<before>uplicate entry ')(?<secret>[^\r\n]{1,500}?)(?<after>' for key '?(?<name>[^'\s]{1,200}))/g,
    source: 'https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html',
  },
  {
    library: 'MySQL, value of a column',
    marker: ' for column ',
    pattern:
      /(?<before>(?:ncorrect|ange) [\w ]{1,30}: ')(?<secret>[^\r\n]{1,500}?)(?<after>' for column ['`]?(?<name>[^\s]{1,200}))/g,
    source: 'https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html',
  },
  {
    library: 'SQL Server',
    marker: 'duplicate key value is',
    pattern:
      /(?<before>(?:index|constraint) '(?<name>[^'\r\n]{1,200})'[^\r\n]{1,200}duplicate key value is \()(?<secret>[^\r\n]{1,1000})(?<after>\))/gi,
    source:
      'https://learn.microsoft.com/sql/relational-databases/errors-events/mssqlserver-2601-database-engine-error',
  },
  {
    library: 'undici (fetch)',
    marker: 'invalid header value',
    pattern: /(?<before>: ")(?<secret>[^\r\n]{1,5000})(?<after>" is an invalid header value)/g,
    source: 'https://github.com/nodejs/undici/blob/main/lib/web/fetch/headers.js',
  },
  {
    library: 'a header with its name',
    marker: 'for header',
    pattern:
      /(?<before>nvalid value ")(?<secret>[^\r\n]{1,5000}?)(?<after>" for header "(?<name>[\w-]{1,100})")/g,
    source: 'https://nodejs.org/api/errors.html#err_http_invalid_header_value',
  },
  {
    library: 'requests and http.client of Python',
    marker: 'eader value',
    pattern:
      /(?<before>(?:in header value: |nvalid header value )b?['"])(?<secret>[^\r\n]{1,5000})(?<after>['"])/g,
    source: 'https://github.com/psf/requests/blob/main/src/requests/utils.py',
  },
  {
    library: 'Spring',
    marker: 'rejected value [',
    pattern:
      /(?<before>on field '(?<name>[^'\r\n]{1,100})': rejected value \[)(?<secret>[^\r\n]{1,1000}?)(?<after>\](?:;|$))/g,
    source:
      'https://docs.spring.io/spring-framework/docs/current/javadoc-api/org/springframework/validation/FieldError.html',
  },
  {
    library: 'Jackson',
    marker: 'reference chain',
    pattern:
      /(?<before>from String ")(?<secret>[^\r\n]{1,1000}?)(?<after>"[^\r\n]{1,500}reference chain: [^\r\n]{1,300}\["(?<name>[^"\r\n]{1,100})"\])/g,
    source: 'https://github.com/FasterXML/jackson-databind',
  },
  {
    library: 'Newtonsoft.Json',
    marker: ". Path '",
    pattern: /(?<before>: )(?<secret>[^\r\n:]{1,1000})(?<after>\. Path '(?<name>[^'\r\n]{1,100})')/g,
    source: 'https://www.newtonsoft.com/json/help/html/SerializationErrorHandling.htm',
  },
  {
    library: 'pydantic',
    marker: 'input_value=',
    pattern:
      /(?<before>^(?<name>[\w.]{1,200})\r?\n[ \t]{1,10}[^\r\n]{1,300}input_value=)(?<secret>[^\r\n]{1,500})(?<after>, input_type)/gm,
    source: 'https://docs.pydantic.dev/latest/errors/errors/',
  },
  {
    library: 'ioredis and node-redis',
    marker: 'args:',
    pattern: /(?<before>name: ['"](?:auth|hello)['"],\s{1,20}args: \[)(?<secret>[^\]]{1,1000})(?<after>\])/gi,
    source: 'https://github.com/redis/ioredis',
  },
  {
    library: 'SMTP and IMAP',
    marker: 'AUTH',
    pattern:
      /(?<before>\bAUTH(?:ENTICATE)? (?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5) )(?<secret>[A-Za-z0-9+/=_-]{4,5000})(?<after>)/g,
    source: 'https://www.rfc-editor.org/rfc/rfc4954#section-4',
  },
]

export const libraryErrors: Detector = {
  id: 'library-errors',
  secret: 'Values that libraries and databases quote in the messages of their errors',
  reason: 'A body with a syntax error, or a value that is not unique, may be a password or a token',
  visible:
    'The message without the value. Values under harmless names stay, and so does HTML that was taken for JSON',
  sources: [...new Set(MESSAGES.map(({ source }) => source))],
  examples: [
    [
      'Unexpected token \'x\', ..."ord":"geheim"... is not valid JSON',
      'Unexpected token \'x\', ..."[REDACTED]"... is not valid JSON',
    ],
    ["Duplicate entry 'geheim' for key 'users.token'", "Duplicate entry '[REDACTED]' for key 'users.token'"],
    ['Failing row contains (1, geheim).', 'Failing row contains ([REDACTED]).'],
    ["Duplicate entry 'a@b.nl' for key 'users.email'", "Duplicate entry 'a@b.nl' for key 'users.email'"],
    [
      'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
      'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
    ],
  ],
  markers: MESSAGES.map(({ marker }) => marker),
  redact(text, { sensitiveKeys, replacement }) {
    let redacted = text
    for (const { marker, pattern } of MESSAGES) {
      if (!text.includes(marker)) continue
      redacted = redacted.replace(pattern, (...match) => {
        const { before, after, name } = match.at(-1) as Record<string, string | undefined>
        const isSecret = name === undefined || isAnySensitive(name, sensitiveKeys)
        return isSecret ? `${before}${replacement}${after}` : (match[0] as string)
      })
    }
    return redacted
  },
}

/** What the names of indexes and constraints have around the name of a column: `token_UNIQUE`, `IX_users_token`. */
const AFFIXES = /^(?:uq|uk|uix|ux|idx|ix|pk|fk|unique)_+|(?<!_)_+(?:unique|uniq|key|idx|index|uk|uq|-?\d+)$/gi

function isAnySensitive(names: string, keys: SensitiveKeys): boolean {
  const parts = names.split(/[^\p{L}\p{N}_-]+|_-?1_/u).filter((part) => part !== '')
  return parts.some((part) => keys.isSensitive(part) || keys.isSensitive(part.replace(AFFIXES, '')))
}
