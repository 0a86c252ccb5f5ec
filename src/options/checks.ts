import { Writable } from 'node:stream'
import { BUILT_IN_FORMATS } from '../formats/built-in-formats.js'
import { checkService } from '../formats/service.js'
import { isPathOrPattern } from '../http/path.js'
import { checkPolicy } from '../http/policy.js'
import { readSafely } from '../lib/safe-read.js'
import {
  type Check,
  type Checks,
  checkArray,
  checkBoolean,
  checkFunction,
  checkInteger,
  isObject,
} from '../lib/validate.js'
import { AUDIT_LEVELS, EARLY_STAGES } from '../record/record.js'
import { checkPseudonymize, checkRedact } from '../redact/rules/rules.js'
import type { AuditLoggerOptions, AuditOptions } from './options.js'

const FORMAT_NAMES = Object.keys(BUILT_IN_FORMATS)
const LEVEL_NAMES = AUDIT_LEVELS.map((level) => level.toLowerCase())

const checkStages: Check = {
  expected: `an array of ${quote(EARLY_STAGES)}`,
  accepts: Array.isArray,
  items: {
    expected: `${quote(EARLY_STAGES)}, each at most once`,
    accepts: (value) => (EARLY_STAGES as readonly unknown[]).includes(value),
    // The record at the end of an exchange has this stage.
    hintFor: (value) => (value === 'completed' ? '. It is always written: leave it out' : ''),
  },
  findProblem: (stages: readonly string[]) => {
    const index = stages.findIndex((stage, position) => stages.indexOf(stage) < position)
    if (index < 0) return undefined
    return { path: `[${index}]`, expected: 'a stage that is not in the list already', value: stages[index] }
  },
}

export const LOGGER_CHECKS: Checks<AuditLoggerOptions> = {
  format: {
    expected: `${quote(FORMAT_NAMES)} or a function from record to object`,
    accepts: (value) => typeof value === 'function' || FORMAT_NAMES.includes(value as string),
  },
  service: checkService,
  sink: {
    expected: 'stdout(), file(path), stream(writable), memory() or an object with a write(line) method',
    accepts: (value) => isObject(value) && typeof value.write === 'function' && !(value instanceof Writable),
    hintFor: (value) => (isStream(value) ? '. Wrap it: stream(writable)' : ''),
  },
  seal: {
    expected: 'what seal() of http-audit-log/seal returns',
    accepts: (value) => isObject(value) && typeof value.begin === 'function',
    hintFor: (value) => (typeof value === 'function' ? '. Call it: seal({ key })' : ''),
    // It has the key.
    isSecret: true,
  },
  level: {
    expected: quote(LEVEL_NAMES),
    accepts: (value) => LEVEL_NAMES.includes(value as string),
  },
  redact: checkRedact,
  pseudonymize: checkPseudonymize,
  maxRecordBytes: checkInteger(1024, 2 ** 30),
  maxBufferBytes: checkInteger(0, 2 ** 32),
  sinkTimeoutMs: checkInteger(1, 2 ** 31 - 1),
  onError: checkFunction,
}

export const MIDDLEWARE_CHECKS: Checks<AuditOptions<unknown>> = {
  ...LOGGER_CHECKS,
  user: {
    expected: 'a function from the request to a user',
    accepts: (value) => typeof value === 'function',
  },
  exempt: checkArray({
    expected: "a path that begins with '/' (without a query or `*`), a regular expression or a function",
    accepts: isExemption,
  }),
  policy: checkPolicy,
  context: checkBoolean,
  requestId: {
    expected: "the name of a header, such as 'x-request-id', or a function from the request to an id",
    accepts: (value) => typeof value === 'function' || isHeaderName(value),
  },
  responseHeaders: {
    expected: "'all', 'none' or an array of one or more header names, such as ['location']",
    accepts: (value) => value === 'all' || value === 'none' || (Array.isArray(value) && value.length > 0),
    items: { expected: "the name of a header, such as 'location'", accepts: isHeaderName },
  },
  failClosed: {
    expected: 'true, false or a function of the request',
    accepts: (value) => typeof value === 'boolean' || typeof value === 'function',
  },
  stages: checkStages,
}

/** Users pass a stream, such as `process.stdout`, as the sink. */
function isStream(value: unknown): boolean {
  return readSafely(() => value instanceof Writable) === true
}

/** A token of RFC 9110 section 5.6.2. */
function isHeaderName(value: unknown): boolean {
  return typeof value === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(value)
}

function isExemption(value: unknown): boolean {
  return typeof value === 'function' || isPathOrPattern(value)
}

function quote(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ')
}
