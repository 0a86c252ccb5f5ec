import { isDeepStrictEqual } from 'node:util'
import type { ResolvedOptions } from '../options/resolve.js'

/**
 * How each option is compared between two middlewares: not at all, if it does not change what a record contains and
 * where it is written to; by identity; or by content. The compiler asks for each new option.
 */
const COMPARISONS = {
  sink: 'identity',
  seal: 'identity',
  format: 'ignored',
  formatOption: 'identity',
  followsPython: 'ignored',
  service: 'content',
  level: 'ignored',
  redact: 'content',
  pseudonymize: 'content',
  maxRecordBytes: 'identity',
  maxBufferBytes: 'ignored',
  sinkTimeoutMs: 'ignored',
  reporter: 'ignored',
  user: 'identity',
  exempt: 'ignored',
  policy: 'content',
  context: 'ignored',
  requestId: 'identity',
  requestIdHeader: 'identity',
  failClosed: 'ignored',
  isFailClosedUsed: 'ignored',
  stages: 'content',
  responseHeaders: 'content',
} as const satisfies Record<keyof ResolvedOptions<never>, 'identity' | 'content' | 'ignored'>

type OutputOption = {
  [Name in keyof typeof COMPARISONS]: (typeof COMPARISONS)[Name] extends 'ignored' ? never : Name
}[keyof typeof COMPARISONS]

/** The options that decide what a record contains and where it is written to. */
export type OutputOptions = Pick<ResolvedOptions<never>, OutputOption>

const OUTPUT_OPTIONS = (Object.keys(COMPARISONS) as (keyof typeof COMPARISONS)[]).filter(
  (name): name is OutputOption => COMPARISONS[name] !== 'ignored',
)

/** Whether two middlewares would write the same line to the same sink. */
export function haveSameOutput(first: OutputOptions, second: OutputOptions): boolean {
  return OUTPUT_OPTIONS.every(
    (name) =>
      first[name] === second[name] ||
      (COMPARISONS[name] === 'content' && isDeepStrictEqual(first[name], second[name])),
  )
}
