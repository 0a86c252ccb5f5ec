// Turns the options of a user into complete options: checked, with defaults, and safe from later changes.
import { BUILT_IN_FORMATS } from '../formats/built-in-formats.js'
import { createCustomFormat } from '../formats/custom-format.js'
import type { Format } from '../formats/format.js'
import type { ServiceOptions } from '../formats/service.js'
import type { Exemption } from '../http/exempt.js'
import type { PolicyRule } from '../http/policy.js'
import { DEFAULT_REQUEST_ID_HEADER } from '../http/request-id.js'
import type { AuditUser } from '../http/user/user.js'
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { createReporter, type Reporter } from '../lib/reporter.js'
import { checkOptions } from '../lib/validate.js'
import type { AuditLevel, EarlyStage } from '../record/record.js'
import type { PseudonymizeOptions, RedactOptions } from '../redact/rules/rules.js'
import type { Seal } from '../seal/seal.js'
import type { Sink } from '../sinks/sink.js'
import { stdout } from '../sinks/stdout.js'
import { LOGGER_CHECKS, MIDDLEWARE_CHECKS } from './checks.js'
import type { AuditLoggerOptions, AuditOptions } from './options.js'

export interface ResolvedLoggerOptions {
  readonly format: Format
  /** The option as the user gave it, by which two middlewares are compared. */
  readonly formatOption: NonNullable<AuditLoggerOptions['format']>
  /** Whether the format keeps the meaning of datapunt-audit-log. */
  readonly followsPython: boolean
  /** `false` if records have neither `service` nor `host`. */
  readonly service: ServiceOptions | false
  readonly sink: Sink
  /** With the format in which the records of the seal are written. */
  readonly seal: Seal | undefined
  readonly level: AuditLevel
  readonly redact: RedactOptions | false
  readonly pseudonymize: PseudonymizeOptions | undefined
  readonly maxRecordBytes: number
  readonly maxBufferBytes: number
  readonly sinkTimeoutMs: number
  readonly reporter: Reporter
}

export interface ResolvedOptions<Request> extends ResolvedLoggerOptions {
  readonly user: ((request: Request) => AuditUser | undefined) | undefined
  readonly exempt: readonly Exemption<Request>[]
  readonly policy: readonly PolicyRule[]
  readonly context: boolean
  readonly requestId: ((request: Request) => string | undefined) | undefined
  readonly requestIdHeader: string
  readonly failClosed: (request: Request) => boolean
  /** Whether `failClosed` can apply to a request: those that reach no middleware count then, too. */
  readonly isFailClosedUsed: boolean
  /** The lines that each request has before the one at its end. */
  readonly stages: ResolvedStages
  /** `default`: all but the `BROWSER_POLICY_HEADERS`. Names are in lower case. */
  readonly responseHeaders: ResponseHeaders
}

export interface ResolvedStages {
  readonly isReceivedRecorded: boolean
  readonly isStartedRecorded: boolean
}

export type ResponseHeaders = 'default' | 'all' | 'none' | ReadonlySet<string>

/** A checkpoint is never shortened, and neither are those that the first record of a run names. */
const MIN_RECORD_BYTES_WITH_SEAL = 4096
/** Every record has the whole `service` and `host`, which are never shortened. */
const MIN_RECORD_BYTES_WITH_SERVICE = 2048
// Constants: options left out are the same objects in each middleware, so comparing middlewares is quick.
const DEFAULT_SERVICE: ServiceOptions = {}
const DEFAULT_REDACT: RedactOptions = {}
const NO_STAGES: ResolvedStages = { isReceivedRecorded: false, isStartedRecorded: false }
const DEFAULT_POLICY: readonly PolicyRule[] = [{ level: 'full' }]

/** @throws AuditLogError `ERR_AUDIT_OPTIONS` with the expected and the actual value */
export function resolveLoggerOptions(options: AuditLoggerOptions = {}): ResolvedLoggerOptions {
  const checked = checkOptions<AuditLoggerOptions>(options, LOGGER_CHECKS, explainLoggerOption)
  const { format = 'audit', service, sink = stdout(), level = 'debug' } = checked
  const { redact = DEFAULT_REDACT, pseudonymize, seal, maxRecordBytes = 16 * 1024 } = checked
  const { maxBufferBytes = 4 * 1024 * 1024, sinkTimeoutMs = 5000, onError } = checked
  checkFormatOptions({ format, service, maxRecordBytes })
  if (seal !== undefined) checkSealOptions(format, maxRecordBytes)
  return {
    format: typeof format === 'function' ? createCustomFormat(format) : BUILT_IN_FORMATS[format].format,
    formatOption: format,
    followsPython: typeof format === 'string' && BUILT_IN_FORMATS[format].followsPython,
    service: resolveService({ format, service, maxRecordBytes }),
    sink,
    seal,
    level: level.toUpperCase() as AuditLevel,
    redact: redact === false || redact === DEFAULT_REDACT ? redact : { ...redact },
    pseudonymize: pseudonymize && copyPseudonymizeOptions(pseudonymize),
    maxRecordBytes,
    maxBufferBytes,
    sinkTimeoutMs,
    reporter: createReporter(onError),
  }
}

/** @throws AuditLogError `ERR_AUDIT_OPTIONS` with the expected and the actual value */
export function resolveOptions<Request>(options: AuditOptions<Request> = {}): ResolvedOptions<Request> {
  const {
    user,
    exempt = [],
    policy = DEFAULT_POLICY,
    context = false,
    requestId = DEFAULT_REQUEST_ID_HEADER,
    failClosed = false,
    stages = [],
    responseHeaders,
    ...loggerOptions
  } = checkOptions<AuditOptions<Request>>(options, MIDDLEWARE_CHECKS, explainRemoved)
  const { format } = loggerOptions
  if (stages.length > 0 && typeof format === 'string' && !BUILT_IN_FORMATS[format].hasStage) {
    fail(`Expected another \`format\` than '${format}' with \`stages\`: it has no field for the stage`)
  }
  const resolvedLoggerOptions = resolveLoggerOptions(loggerOptions)
  return {
    ...resolvedLoggerOptions,
    user,
    exempt,
    policy: policy === DEFAULT_POLICY ? policy : policy.map((rule) => ({ ...rule })),
    context,
    requestId: typeof requestId === 'function' ? requestId : undefined,
    requestIdHeader: typeof requestId === 'function' ? DEFAULT_REQUEST_ID_HEADER : requestId.toLowerCase(),
    failClosed: typeof failClosed === 'function' ? failClosed : () => failClosed,
    isFailClosedUsed: failClosed !== false,
    stages: stages.length === 0 ? NO_STAGES : resolveStages(stages),
    responseHeaders: resolveResponseHeaders(responseHeaders, resolvedLoggerOptions.followsPython),
  }
}

function resolveStages(stages: readonly EarlyStage[]): ResolvedStages {
  return {
    isReceivedRecorded: stages.includes('received'),
    isStartedRecorded: stages.includes('started'),
  }
}

/** Why a logger does not know an option, if that is known. */
function explainLoggerOption(name: string): string | undefined {
  if (Object.hasOwn(MIDDLEWARE_CHECKS, name)) return 'it is an option of auditLog(), not of new AuditLogger()'
  return explainRemoved(name)
}

/** Names the successor of an option that was removed. */
function explainRemoved(name: string): string | undefined {
  return name === 'startRecords' ? "it was replaced, pass `stages: ['received']` to auditLog()" : undefined
}

/** datapunt-audit-log records all headers. */
function resolveResponseHeaders(
  responseHeaders: AuditOptions<never>['responseHeaders'],
  followsPython: boolean,
): ResponseHeaders {
  if (responseHeaders === undefined) return followsPython ? 'all' : 'default'
  if (typeof responseHeaders === 'string') return responseHeaders
  return new Set(responseHeaders.map((name) => name.toLowerCase()))
}

type FormatOptions = Pick<AuditLoggerOptions, 'service'> & {
  readonly format: ResolvedLoggerOptions['formatOption']
  readonly maxRecordBytes: number
}

/** The defaults are left out where the format has no field for them, and where they would take the room of the record. */
function resolveService({ format, service, maxRecordBytes }: FormatOptions): ServiceOptions | false {
  if (service !== undefined) return service && { ...service }
  const hasService = typeof format === 'function' || BUILT_IN_FORMATS[format].hasService
  return hasService && maxRecordBytes >= MIN_RECORD_BYTES_WITH_SERVICE && DEFAULT_SERVICE
}

/** Checks the options whose valid values depend on the format. */
function checkFormatOptions({ format, service, maxRecordBytes }: FormatOptions): void {
  const builtIn = typeof format === 'string' ? BUILT_IN_FORMATS[format] : undefined
  if (service && builtIn?.hasService === false) {
    fail(`Expected another \`format\` than '${format}' with \`service\`: it has no field for it`)
  }
  if (service && maxRecordBytes < MIN_RECORD_BYTES_WITH_SERVICE) {
    fail(
      `Expected \`maxRecordBytes\` to be at least ${MIN_RECORD_BYTES_WITH_SERVICE} with \`service\`, got ${maxRecordBytes}`,
    )
  }
  if (builtIn !== undefined && maxRecordBytes < builtIn.minRecordBytes) {
    fail(
      `Expected \`maxRecordBytes\` to be at least ${builtIn.minRecordBytes} with the format '${format}', got ${maxRecordBytes}`,
    )
  }
}

function checkSealOptions(format: ResolvedLoggerOptions['formatOption'], maxRecordBytes: number): void {
  if (typeof format === 'function' || format === 'datapunt') {
    fail(
      `Expected \`format\` to be 'audit', 'ecs' or 'ocsf' with \`seal\`, got ${describeValue(format)}: it has no place for the hash`,
    )
  }
  if (maxRecordBytes < MIN_RECORD_BYTES_WITH_SEAL) {
    fail(
      `Expected \`maxRecordBytes\` to be at least ${MIN_RECORD_BYTES_WITH_SEAL} with \`seal\`, got ${maxRecordBytes}`,
    )
  }
}

/** The key and its name are read for each pseudonym, so changes to the object of the user would change records. */
function copyPseudonymizeOptions({ key, keyId, fields }: PseudonymizeOptions): PseudonymizeOptions {
  return { key: typeof key === 'string' ? key : Uint8Array.from(key), keyId, fields: [...fields] }
}

function fail(message: string): never {
  throw new AuditLogError('ERR_AUDIT_OPTIONS', message)
}
