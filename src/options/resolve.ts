// Turns the options of a user into complete options: checked, with defaults, and safe from later changes.
import { BUILT_IN_FORMATS } from '../formats/built-in-formats.js'
import { createCustomFormat } from '../formats/custom-format.js'
import type { ServiceFormat } from '../formats/format.js'
import type { ServiceOptions } from '../formats/service.js'
import type { Exemption } from '../http/exempt.js'
import type { PolicyRule } from '../http/policy.js'
import type { AuditUser } from '../http/user.js'
import { AuditLogError } from '../lib/errors.js'
import { createReporter, type Reporter } from '../lib/reporter.js'
import { checkOptions } from '../lib/validate.js'
import type { AuditLevel } from '../record/record.js'
import type { PseudonymizeOptions, RedactOptions } from '../redact/rules.js'
import type { Sink } from '../sinks/sink.js'
import { stdout } from '../sinks/stdout.js'
import { hintAtStream, LOGGER_CHECKS, MIDDLEWARE_CHECKS } from './checks.js'
import type { AuditLoggerOptions, AuditOptions } from './options.js'

export interface ResolvedLoggerOptions {
  readonly format: ServiceFormat
  /** The option as the user gave it, by which two middlewares are compared. */
  readonly formatOption: NonNullable<AuditLoggerOptions['format']>
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

// Constants, because middlewares are compared by the identity of their options.
const DEFAULT_SERVICE: ServiceOptions = {}
const DEFAULT_REDACT: RedactOptions = {}
const DEFAULT_POLICY: readonly PolicyRule[] = [{ level: 'full' }]

/** @throws AuditLogError `ERR_AUDIT_OPTIONS` with the expected and the actual value */
export function resolveLoggerOptions(options: AuditLoggerOptions = {}): ResolvedLoggerOptions {
  const checked = checkOptions<AuditLoggerOptions>(options, LOGGER_CHECKS, hintAtStream, (name) =>
    Object.hasOwn(MIDDLEWARE_CHECKS, name) ? 'auditLog(), not of new AuditLogger()' : undefined,
  )
  const { format = 'audit', service, sink = stdout(), level = 'debug' } = checked
  const { redact = DEFAULT_REDACT, pseudonymize, maxRecordBytes = 16 * 1024 } = checked
  const { maxBufferBytes = 4 * 1024 * 1024, sinkTimeoutMs = 5000, onError } = checked
  checkFormatOptions({ format, service, maxRecordBytes })
  return {
    format: typeof format === 'function' ? createCustomFormat(format) : BUILT_IN_FORMATS[format].format,
    formatOption: format,
    service: service === undefined ? DEFAULT_SERVICE : { ...service },
    sink,
    level: level.toUpperCase() as AuditLevel,
    redact: redact === false || redact === DEFAULT_REDACT ? redact : { ...redact },
    pseudonymize,
    maxRecordBytes,
    maxBufferBytes,
    sinkTimeoutMs,
    reporter: createReporter(onError),
  }
}

/** @throws AuditLogError `ERR_AUDIT_OPTIONS` with the expected and the actual value */
export function resolveOptions<Request>(options: AuditOptions<Request> = {}): ResolvedOptions<Request> {
  const checked = checkOptions<AuditOptions<Request>>(options, MIDDLEWARE_CHECKS, hintAtStream)
  const { user = findNoUser, exempt = [], requestIdHeader = 'x-request-id', ...others } = checked
  const { policy = DEFAULT_POLICY, context = false, failClosed = false, ...rest } = others
  const { startRecords = false, ...loggerOptions } = rest
  const { format } = loggerOptions
  if (startRecords && typeof format === 'string' && !BUILT_IN_FORMATS[format].hasStage) {
    fail(`Expected another \`format\` than '${format}' with \`startRecords\`: it has no field for the stage`)
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

/** Checks the options whose valid values depend on the format. */
function checkFormatOptions({
  format,
  service,
  maxRecordBytes,
}: Pick<AuditLoggerOptions, 'service'> & {
  readonly format: ResolvedLoggerOptions['formatOption']
  readonly maxRecordBytes: number
}): void {
  const builtIn = typeof format === 'string' ? BUILT_IN_FORMATS[format] : undefined
  if (service !== undefined && !builtIn?.hasService) {
    fail("Expected `format` to be 'ecs' or 'ocsf' with `service`: no other format has fields for it")
  }
  if (builtIn !== undefined && maxRecordBytes < builtIn.minRecordBytes) {
    fail(
      `Expected \`maxRecordBytes\` to be at least ${builtIn.minRecordBytes} with the format '${format}', got ${maxRecordBytes}`,
    )
  }
}

function findNoUser(): undefined {}

function fail(message: string): never {
  throw new AuditLogError('ERR_AUDIT_OPTIONS', message)
}
