import type { FormatName } from '../formats/built-in-formats.js'
import type { Format } from '../formats/format.js'
import type { ServiceOptions } from '../formats/service.js'
import type { Exemption } from '../http/exempt.js'
import type { PolicyRule } from '../http/policy.js'
import type { AuditUser, ExactUser } from '../http/user/user.js'
import type { AuditLogError } from '../lib/errors.js'
import type { AuditLevel, EarlyStage } from '../record/record.js'
import type { PseudonymizeOptions, RedactOptions } from '../redact/rules/rules.js'
import type { Seal } from '../seal/seal.js'
import type { Sink } from '../sinks/sink.js'

/** The options of `new AuditLogger(options)`. For each, `undefined` means the default. */
export interface AuditLoggerOptions {
  /**
   * The shape of a line: `'audit'`, `'datapunt'` (as datapunt-audit-log 0.4.0 for Python prints it), `'ecs'` (Elastic Common
   * Schema 9.4), `'ocsf'` (Open Cybersecurity Schema Framework 1.9, API Activity), or a function from record to object.
   * @default 'audit'
   */
  readonly format?: FormatName | Format | undefined
  /**
   * The application that writes the records, for the fields `service` and `host`; `false` leaves both out. Every format has
   * them but `'datapunt'`, which has no field for them.
   * @default {}: name and version of the application's package.json, and the host name of the operating system
   * @example { name: 'persons-api', environment: 'acceptance', nodeName: process.env.POD_NAME }
   */
  readonly service?: ServiceOptions | false | undefined
  /**
   * Where lines are written to: `stdout()`, `file(path)`, `stream(writable)`, `memory()`, or an object with
   * `write(line)`.
   * @default stdout()
   */
  readonly sink?: Sink | undefined
  /**
   * Seals the log: signed checkpoints prove that no record is missing, changed or reordered, and `npx http-audit-log verify` checks
   * it. Create it once, with `seal()` from `http-audit-log/seal`. Not for the format `'datapunt'` and functions, which have no place
   * for the hash.
   * @default undefined: records have no proof
   * @example seal({ key: process.env.AUDIT_SIGNING_KEY, state: '/var/lib/app/audit-seal.json' })
   */
  readonly seal?: Seal | undefined
  /**
   * Records of `new AuditLogger()` below this level are not written. In `auditLog()` it has no effect: the record of a
   * request is always written, because one call of `debug()` must not hide that there was a request. Use `policy` or
   * `exempt` for that. `'info'` matches datapunt-audit-log (Python), which never prints `debug`.
   * @default 'debug', because an audit log drops nothing unless told to
   */
  readonly level?: Lowercase<AuditLevel> | undefined
  /**
   * The keys and paths to redact, and their replacement; `false` disables redaction.
   * @default {}, which redacts the values of keys such as `password`, `token` and `cookie`
   */
  readonly redact?: RedactOptions | false | undefined
  /**
   * Fields whose values are replaced by a pseudonym, so that the records of a person can be found without showing who
   * it is.
   * @example { key: process.env.AUDIT_KEY, keyId: '2026', fields: ['user.email', 'user.ip', 'filter.kwargs.bsn'] }
   */
  readonly pseudonymize?: PseudonymizeOptions | undefined
  /**
   * The maximum length of a line in bytes, including its newline: 1024 (`'ecs'` and `'ocsf'`: 2560, with `seal` 4096) or more. A longer
   * record is shortened, and lists the shortened parts in `truncated`.
   * @default 16384, because container runtimes split longer lines
   */
  readonly maxRecordBytes?: number | undefined
  /**
   * How many bytes of records are buffered in memory while the sink is down or has not answered yet. Records that do
   * not fit are counted, and reported in a record of their own when the sink accepts records again.
   * @default 4194304 (4 MiB, about 5,000 records)
   */
  readonly maxBufferBytes?: number | undefined
  /**
   * How long an asynchronous sink may take for a write, in milliseconds, before it counts as down.
   * @default 5000
   */
  readonly sinkTimeoutMs?: number | undefined
  /**
   * Called with each failure that is reported on stderr, except `ERR_AUDIT_CONTEXT`, which occurs without a middleware.
   * It cannot change what happens; if it throws, that is reported on stderr as well.
   * @example (error) => metrics.increment('audit_trouble', { code: error.code })
   */
  readonly onError?: ((error: AuditLogError) => unknown) | undefined
}

/**
 * The options of `auditLog(options)`. `Request` is the argument of the functions among them: the request of Express,
 * Connect or `node:http`, or the context of Koa.
 */
export interface AuditOptions<Request, User extends AuditUser = AuditUser> extends AuditLoggerOptions {
  /**
   * Returns the user who sent a request, or `undefined` if it does not know one. Then the user that an authentication
   * library left is recorded. Called several times for a request: when `req.user`, `req.auth` or the session has changed,
   * before each route, and at the end. The user whom it returns first is recorded, even if the handler logs them out.
   * @example (req) => req.session?.email && { authenticated: true, provider: 'sso', email: req.session.email }
   */
  readonly user?: ((request: Request) => ExactUser<User> | undefined) | undefined
  /**
   * Requests without a record: a path and everything below it, a regular expression for the path, or a function. The
   * query string is not considered. A function sees the request as earlier middleware left it: with method-override before
   * auditLog, `req.method` is not the method that the client sent, but `req.originalMethod` is.
   * @default [], because an audit log drops nothing unless told to
   * @example ['/health', /^\/assets\/[^/]+\.css$/, (req) => req.method === 'OPTIONS']
   */
  readonly exempt?: readonly Exemption<Request>[] | undefined
  /**
   * How much is recorded of which requests. The first rule that matches a request applies; the last rule must match
   * all requests, so it has no conditions.
   * @default [{ level: 'full' }]
   * @example [{ level: 'none', paths: ['/health'] }, { level: 'metadata', methods: ['GET'] }, { level: 'full' }]
   */
  readonly policy?: readonly PolicyRule[] | undefined
  /**
   * Enables `currentAudit()`, which returns the logger of the current request.
   * @default false, because AsyncLocalStorage slows down every await
   */
  readonly context?: boolean | undefined
  /**
   * Where `request_id` comes from: the name of a header, or a function that returns the id. The id of the application counts
   * first: `req.id`, `ctx.state.requestId`, or the header of the response. Then comes the header of the request, and last a
   * new UUID. A function precedes all of them, unless it returns `undefined`. Values that are long or malformed are ignored.
   * @default 'x-request-id'
   * @example (req) => req.correlationId
   */
  readonly requestId?: string | ((request: Request) => string | undefined) | undefined
  /**
   * Which headers of the response are recorded: `'all'`, `'none'`, or a list of names, in which case does not matter. Secrets in
   * headers that are left out are hidden in the rest of the record all the same.
   * @default all but those that tell browsers how to treat every response, such as Content-Security-Policy; with the format
   *   `'datapunt'` `'all'`
   * @example ['location', 'content-disposition', 'x-total-count']
   */
  readonly responseHeaders?: 'all' | 'none' | readonly string[] | undefined
  /**
   * Whether a response is sent only if its record was accepted by the sink: while the sink is down, a request gets a
   * 503 response before its handler runs, and the last byte of a response is held back until the sink has accepted the
   * record.
   * @default false
   * @example (req) => req.method !== 'GET'
   */
  readonly failClosed?: boolean | ((request: Request) => boolean) | undefined
  /**
   * The lines that each request has besides the record at its end, with the same `id`. `'received'`: before its handler
   * runs. `'started'`: when the header of the response leaves, for streams and long polls that would have no trace until they
   * end. They show what a process was doing when it was killed.
   * @default []
   * @example ['received', 'started']
   */
  readonly stages?: readonly EarlyStage[] | undefined
}
