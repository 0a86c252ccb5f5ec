import { Writable } from 'node:stream'
import { formatAudit } from '../formats/audit.js'
import { formatDatapunt } from '../formats/datapunt.js'
import { formatEcs } from '../formats/ecs.js'
import type { Format, ServiceFormat } from '../formats/format.js'
import { formatOcsf } from '../formats/ocsf.js'
import { isServiceOptions, type ServiceOptions } from '../formats/service.js'
import type { Exemption } from '../http/exempt.js'
import { isPathOrPattern } from '../http/path.js'
import { isPolicy, type PolicyRule } from '../http/policy.js'
import type { AuditUser } from '../http/user.js'
import { callOption } from '../lib/call-option.js'
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { createReporter, type Reporter } from '../lib/reporter.js'
import {
  type Checks,
  checkBoolean,
  checkFunction,
  checkInteger,
  checkOptions,
  isObject,
} from '../lib/validate.js'
import { type AuditLevel, LEVELS } from '../record/record.js'
import {
  isPseudonymizeOptions,
  isRedactOptions,
  type PseudonymizeOptions,
  type RedactOptions,
} from '../redact/rules.js'
import { toJson } from '../serialize/to-json.js'
import type { Sink } from '../sinks/sink.js'
import { stdout } from '../sinks/stdout.js'

type FormatName = 'audit' | 'datapunt' | 'ecs' | 'ocsf'
const FORMATS: Readonly<Record<FormatName, ServiceFormat>> = {
  audit: formatAudit,
  datapunt: formatDatapunt,
  ecs: formatEcs,
  ocsf: formatOcsf,
}
/** Those that have a place for `service`, and more to say of their own accord than the others. */
const WORDY_FORMATS: readonly unknown[] = ['ecs', 'ocsf'] satisfies FormatName[]
const LEAST_BYTES_OF_WORDY = 2048
const NO_SERVICE: ServiceOptions = {}
const USUAL_SECRETS: RedactOptions = {}
const RECORD_ALL: readonly PolicyRule[] = [{ level: 'full' }]

/** What `new AuditLogger(options)` takes. */
export interface AuditLoggerOptions {
  /**
   * The shape of the line: `'audit'`, `'datapunt'` (what the Python package 0.4.0 prints), `'ecs'` (Elastic Common
   * Schema 9.4), `'ocsf'` (Open Cybersecurity Schema Framework 1.9, API Activity), or a function from record to object.
   * @default 'audit'
   */
  readonly format?: FormatName | Format | undefined
  /**
   * Which application speaks, for the formats `'ecs'` and `'ocsf'`.
   * @example { name: 'persons-api', version: '2.4.1', environment: 'production', nodeName: process.env.HOSTNAME }
   */
  readonly service?: ServiceOptions | undefined
  /**
   * Where lines go: `stdout()`, `file(path)`, `stream(writable)`, `memory()`, or an object with `write(line)`.
   * @default stdout()
   */
  readonly sink?: Sink | undefined
  /**
   * Records below this level are not written. `'info'` does as the Python package does, which never prints `debug`.
   * @default 'debug', because an audit log drops nothing unasked
   */
  readonly level?: Lowercase<AuditLevel> | undefined
  /**
   * What is hidden in records, and how; `false` for nothing.
   * @default {}, which hides the values of names such as `password`, `token`, `cookie`
   */
  readonly redact?: RedactOptions | false | undefined
  /**
   * What is replaced by a pseudonym, so that records of one person can be found and say nothing of who it is.
   * @example { key: process.env.AUDIT_KEY, keyId: '2026', fields: ['user.email', 'user.ip', 'filter.kwargs.bsn'] }
   */
  readonly pseudonymize?: PseudonymizeOptions | undefined
  /**
   * The most bytes a line may have, its newline included. Longer ones are shortened, and say so.
   * @default 16384, since container runtimes split longer lines
   */
  readonly maxRecordBytes?: number | undefined
  /**
   * How many bytes of records wait in memory while the sink is down, or has not answered. What does not fit is
   * counted, and told in a record of its own when the sink is back.
   * @default 4194304 (4 MiB, about 5,000 records)
   */
  readonly maxBufferBytes?: number | undefined
  /**
   * How long a sink that answers later may take, milliseconds, before it counts as down.
   * @default 5000
   */
  readonly sinkTimeoutMs?: number | undefined
  /**
   * Called with each trouble that is told on stderr. It cannot change what happens, and what it throws is told too.
   * @example (error) => metrics.increment('audit_trouble', { code: error.code })
   */
  readonly onError?: ((error: AuditLogError) => unknown) | undefined
}

/**
 * What `auditLog(options)` takes. `Request` is what the functions among the options get: the request of
 * Express, Connect or `node:http`; the context of Koa.
 */
export interface AuditOptions<Request> extends AuditLoggerOptions {
  /**
   * Who sent this request, asked at its end, where your authentication has run. `undefined` says that you do not
   * know; then we look at what Passport, express-jwt and Koa leave.
   * @example (req) => req.session && { authenticated: true, provider: 'sso', email: req.session.email }
   */
  readonly user?: ((request: Request) => AuditUser | undefined) | undefined
  /**
   * Requests that leave no record: a path and all below it, a pattern for the path, or a function. The query
   * string never takes part.
   * @default [], because an audit log drops nothing unasked
   * @example ['/health', /^\/assets\/[^/]+\.css$/, (req) => req.method === 'OPTIONS']
   */
  readonly exempt?: readonly Exemption<Request>[] | undefined
  /**
   * How much is recorded of which requests: ordered rules, of which the first that is met counts. The last one is for
   * all other requests and has no conditions.
   * @default [{ level: 'full' }]
   * @example [{ level: 'none', paths: ['/health'] }, { level: 'metadata', methods: ['GET'] }, { level: 'full' }]
   */
  readonly policy?: readonly PolicyRule[] | undefined
  /**
   * Makes `currentAudit()` know the request one is in.
   * @default false, because AsyncLocalStorage costs something
   */
  readonly context?: boolean | undefined
  /**
   * The header whose value becomes `request_id`, if it is short and well-formed. Else a new UUID does.
   * @default 'x-request-id'
   */
  readonly requestIdHeader?: string | undefined
  /**
   * Nothing is answered that is not recorded: while the sink is down a request gets 503 before its handler runs,
   * and the last byte of a response leaves only after the sink has accepted the record.
   * @default false
   * @example (req) => req.method !== 'GET'
   */
  readonly failClosed?: boolean | ((request: Request) => boolean) | undefined
  /**
   * A first line for each request before its handler runs (`stage: "received"`, the same `id`), so that a process
   * that is killed leaves evidence of what it was doing.
   * @default false
   */
  readonly startRecords?: boolean | undefined
}

export interface ResolvedLoggerOptions {
  readonly format: ServiceFormat
  readonly service: ServiceOptions
  readonly sink: Sink
  readonly level: AuditLevel
  readonly redact: RedactOptions | false
  readonly pseudonymize: PseudonymizeOptions | undefined
  readonly maxRecordBytes: number
  readonly maxBufferBytes: number
  readonly sinkTimeoutMs: number
  readonly reporter: Reporter
}

export interface ResolvedOptions<Request> extends ResolvedLoggerOptions {
  readonly user: (request: Request) => AuditUser | undefined
  readonly exempt: readonly Exemption<Request>[]
  readonly policy: readonly PolicyRule[]
  readonly context: boolean
  readonly requestIdHeader: string
  readonly failClosed: (request: Request) => boolean
  readonly startRecords: boolean
}

const LOGGER_CHECKS: Checks<AuditLoggerOptions> = {
  format: {
    expected: `${list(Object.keys(FORMATS))} or a function from record to object`,
    accepts: (value) => typeof value === 'function' || Object.keys(FORMATS).includes(value as string),
  },
  service: {
    expected: 'an object with name, version, environment and nodeName, each a text of 1 to 128 bytes',
    accepts: isServiceOptions,
  },
  sink: {
    expected: 'stdout(), file(path), stream(writable), memory() or an object with a write(line) method',
    accepts: (value) => isObject(value) && typeof value.write === 'function' && !(value instanceof Writable),
  },
  level: {
    expected: list(LEVELS.map((level) => level.toLowerCase())),
    accepts: (value) => LEVELS.some((level) => level.toLowerCase() === value),
  },
  redact: {
    expected:
      'false or an object with keys (with a letter or digit each), paths (from the top of the record, such as ' +
      '`filter.kwargs.q` or `user.email`), allowKeys and replacement (a string or a function)',
    accepts: isRedactOptions,
  },
  pseudonymize: {
    expected:
      'an object with a key of at least 16 bytes, a keyId of letters, digits, `.`, `_` and `-`, and fields',
    accepts: isPseudonymizeOptions,
    isSecret: true,
  },
  // Less has no room for what every record has.
  maxRecordBytes: checkInteger(1024, 2 ** 30),
  maxBufferBytes: checkInteger(0, 2 ** 32),
  sinkTimeoutMs: checkInteger(1, 2 ** 31 - 1),
  onError: checkFunction,
}

const MIDDLEWARE_CHECKS: Checks<AuditOptions<unknown>> = {
  ...LOGGER_CHECKS,
  user: {
    expected: 'a function from the request to a user',
    accepts: (value) => typeof value === 'function',
  },
  exempt: {
    expected:
      "an array of paths that begin with '/' (without a query or `*`), regular expressions and functions",
    accepts: (value) => Array.isArray(value) && Array.from(value).every(isExemption),
  },
  policy: {
    expected:
      "an array of rules with a level ('none', 'metadata', 'full') and lists of methods, paths, routes and statuses, " +
      'of which the last, and only the last, has no conditions: a catch-all that cannot be forgotten',
    accepts: isPolicy,
  },
  context: checkBoolean,
  requestIdHeader: {
    expected: "the name of a header, such as 'x-request-id'",
    accepts: (value) => typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(value),
  },
  failClosed: {
    expected: 'true, false or a function of the request',
    accepts: (value) => typeof value === 'boolean' || typeof value === 'function',
  },
  startRecords: checkBoolean,
}

/** @throws AuditLogError `ERR_AUDIT_OPTIONS` that says what was expected and what came. */
export function resolveLoggerOptions(given: AuditLoggerOptions = {}): ResolvedLoggerOptions {
  const options = checkOptions<AuditLoggerOptions>(given, LOGGER_CHECKS, hintAtStream, (name) =>
    Object.hasOwn(MIDDLEWARE_CHECKS, name) ? 'auditLog(), not of new AuditLogger()' : undefined,
  )
  const { format = 'audit', service, sink = stdout(), level = 'debug' } = options
  const { redact = USUAL_SECRETS, pseudonymize, maxRecordBytes = 16 * 1024 } = options
  const { maxBufferBytes = 4 * 1024 * 1024, sinkTimeoutMs = 5000, onError } = options
  const isWordy = WORDY_FORMATS.includes(format)
  if (service !== undefined && !isWordy) {
    throw new AuditLogError(
      'ERR_AUDIT_OPTIONS',
      "Expected `format` to be 'ecs' or 'ocsf' with `service`: no other has a place for it",
    )
  }
  if (isWordy && maxRecordBytes < LEAST_BYTES_OF_WORDY) {
    throw new AuditLogError(
      'ERR_AUDIT_OPTIONS',
      `Expected \`maxRecordBytes\` to be at least ${LEAST_BYTES_OF_WORDY} with the format '${format}', got ${maxRecordBytes}`,
    )
  }
  return {
    format: typeof format === 'function' ? contain(format) : FORMATS[format],
    service: service === undefined ? NO_SERVICE : { ...service },
    sink,
    level: level.toUpperCase() as AuditLevel,
    redact: redact === false || redact === USUAL_SECRETS ? redact : { ...redact },
    pseudonymize,
    maxRecordBytes,
    maxBufferBytes,
    sinkTimeoutMs,
    reporter: createReporter(onError),
  }
}

/** @throws AuditLogError `ERR_AUDIT_OPTIONS` that says what was expected and what came. */
export function resolveOptions<Request>(given: AuditOptions<Request> = {}): ResolvedOptions<Request> {
  const options = checkOptions<AuditOptions<Request>>(given, MIDDLEWARE_CHECKS, hintAtStream)
  const { user = unknownUser, exempt = [], requestIdHeader = 'x-request-id', ...rest } = options
  const {
    failClosed = false,
    startRecords = false,
    policy = RECORD_ALL,
    context = false,
    ...loggerOptions
  } = rest
  if (startRecords && options.format === 'datapunt') {
    throw new AuditLogError(
      'ERR_AUDIT_OPTIONS',
      "Expected another `format` with `startRecords`: 'datapunt' cannot show a stage",
    )
  }
  return {
    ...resolveLoggerOptions(loggerOptions),
    user,
    exempt: [...exempt],
    policy,
    context,
    requestIdHeader: requestIdHeader.toLowerCase(),
    failClosed: typeof failClosed === 'function' ? failClosed : () => failClosed,
    startRecords,
  }
}

function unknownUser(): undefined {}

const contained = new WeakMap<Format, Format>()

/**
 * What a user's format returns is as free as what a handler says. It gets a copy: if it fails, the record leaves in
 * the default format, and shall be whole.
 */
function contain(format: Format): Format {
  const known = contained.get(format)
  if (known !== undefined) return known
  const safe: Format = (record) => {
    const shaped = toJson(callOption(() => format(structuredClone(record))))
    if (!isObject(shaped) || Array.isArray(shaped))
      throw new TypeError(`it gave ${describeValue(shaped)} where an object was expected`)
    return shaped
  }
  contained.set(format, safe)
  return safe
}

function isExemption(value: unknown): boolean {
  return typeof value === 'function' || isPathOrPattern(value)
}

function hintAtStream(value: unknown): string {
  return value instanceof Writable ? '. Wrap it: stream(writable)' : ''
}

function list(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ')
}
