import { Writable } from 'node:stream'
import { closest } from 'fastest-levenshtein'
import { AuditLogError } from './errors.js'
import { formatAudit } from './formats/audit.js'
import { formatDatapunt } from './formats/datapunt.js'
import type { Format } from './formats/format.js'
import type { Exemption } from './http/exempt.js'
import type { AuditUser } from './http/user.js'
import { plain } from './protect/plain.js'
import { type AuditLevel, LEVELS } from './record.js'
import { createReporter, type Report } from './report.js'
import type { Sink } from './sinks/sink.js'
import { stdout } from './sinks/stdout.js'

const FORMATS = { audit: formatAudit, datapunt: formatDatapunt }

/** What `new AuditLogger(options)` takes. */
export interface AuditLoggerOptions {
  /**
   * The shape of the line: `'audit'`, `'datapunt'` (what the Python package 0.4.0 prints), or a function from
   * record to object.
   * @default 'audit'
   */
  readonly format?: keyof typeof FORMATS | Format | undefined
  /**
   * Where lines go: `stdout()`, `stream(writable)`, `memory()`, or an object with `write(line)`.
   * @default stdout()
   */
  readonly sink?: Sink | undefined
  /**
   * Records below this level are not written. `'info'` does as the Python package does, which never prints `debug`.
   * @default 'debug', because an audit log drops nothing unasked
   */
  readonly level?: Lowercase<AuditLevel> | undefined
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
   * The header whose value becomes `request_id`, if it is short and well-formed. Else a new UUID does.
   * @default 'x-request-id'
   */
  readonly requestIdHeader?: string | undefined
}

export interface ResolvedLoggerOptions {
  readonly format: Format
  readonly sink: Sink
  readonly level: AuditLevel
  readonly report: Report
}

export interface ResolvedOptions<Request> extends ResolvedLoggerOptions {
  readonly user: (request: Request) => AuditUser | undefined
  readonly exempt: readonly Exemption<Request>[]
  readonly requestIdHeader: string
}

interface Check {
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

// The type makes the compiler ask for a check of each option that there is.
const LOGGER_CHECKS: Record<keyof AuditLoggerOptions, Check> = {
  format: {
    expected: `${list(Object.keys(FORMATS))} or a function from record to object`,
    accepts: (value) => typeof value === 'function' || Object.keys(FORMATS).includes(value as string),
  },
  sink: {
    expected: 'stdout(), stream(writable), memory() or an object with a write(line) method',
    accepts: (value) => isObject(value) && typeof value.write === 'function' && !(value instanceof Writable),
  },
  level: {
    expected: list(LEVELS.map((level) => level.toLowerCase())),
    accepts: (value) => LEVELS.some((level) => level.toLowerCase() === value),
  },
}

const MIDDLEWARE_CHECKS: Record<keyof AuditOptions<unknown>, Check> = {
  ...LOGGER_CHECKS,
  user: {
    expected: 'a function from the request to a user',
    accepts: (value) => typeof value === 'function',
  },
  exempt: {
    expected: "an array of paths that begin with '/', regular expressions and functions",
    accepts: (value) => Array.isArray(value) && value.every(isExemption),
  },
  requestIdHeader: {
    expected: "the name of a header, such as 'x-request-id'",
    accepts: (value) => typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(value),
  },
}

/** @throws AuditLogError `ERR_AUDIT_OPTIONS` that says what was expected and what came. */
export function resolveLoggerOptions(options: AuditLoggerOptions = {}): ResolvedLoggerOptions {
  assertOptions(options, LOGGER_CHECKS)
  const { format = 'audit', sink = stdout(), level = 'debug' } = options
  return {
    format: typeof format === 'function' ? contain(format) : FORMATS[format],
    sink,
    level: level.toUpperCase() as AuditLevel,
    report: createReporter(),
  }
}

/** @throws AuditLogError `ERR_AUDIT_OPTIONS` that says what was expected and what came. */
export function resolveOptions<Request>(options: AuditOptions<Request> = {}): ResolvedOptions<Request> {
  assertOptions(options, MIDDLEWARE_CHECKS)
  const { user = () => undefined, exempt = [], requestIdHeader = 'x-request-id', ...loggerOptions } = options
  return {
    ...resolveLoggerOptions(loggerOptions),
    user,
    exempt: [...exempt],
    requestIdHeader: requestIdHeader.toLowerCase(),
  }
}

/** What a user's format returns is as free as what a handler says. */
function contain(format: Format): Format {
  return (record) => {
    const shaped = plain(format(record))
    if (!isObject(shaped))
      throw new TypeError(`it gave ${describeValue(shaped)} where an object was expected`)
    return shaped
  }
}

function assertOptions(options: unknown, checks: Record<string, Check>): void {
  if (!isObject(options) || Array.isArray(options)) {
    throw new AuditLogError(
      'ERR_AUDIT_OPTIONS',
      `Expected the options to be an object, got ${describeValue(options)}`,
    )
  }
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) {
      const known = Object.keys(checks)
      throw new AuditLogError(
        'ERR_AUDIT_OPTIONS',
        `Unknown option \`${name}\`. Did you mean \`${closest(name, known)}\`? Known are: ${known.join(', ')}`,
      )
    }
    if (value === undefined || check.accepts(value)) continue
    const hint = value instanceof Writable ? '. Wrap it: stream(writable)' : ''
    throw new AuditLogError(
      'ERR_AUDIT_OPTIONS',
      `Expected \`${name}\` to be ${check.expected}, got ${describeValue(value)}${hint}`,
    )
  }
}

function isExemption(value: unknown): boolean {
  return (
    typeof value === 'function' ||
    value instanceof RegExp ||
    (typeof value === 'string' && value.startsWith('/'))
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function describeValue(value: unknown): string {
  const shown = typeof value === 'function' ? value.name || 'anonymous' : JSON.stringify(plain(value))
  const shortened = shown.length > 100 ? `${shown.slice(0, 100)}…` : shown
  return `\`${shortened}\` (${value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value})`
}

function list(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ')
}
