import { isDeepStrictEqual } from 'node:util'
import type { ResolvedOptions } from '../options/resolve.js'

/** The options that decide what a record contains and where it is written to. */
const OUTPUT_OPTIONS = [
  'sink',
  'formatOption',
  'level',
  'user',
  'requestIdHeader',
  'startRecords',
  'redact',
  'pseudonymize',
  'policy',
  'maxRecordBytes',
] as const

export type OutputOptions = Pick<ResolvedOptions<never>, (typeof OUTPUT_OPTIONS)[number] | 'service'>

/** Whether two middlewares would write the same line to the same sink. */
export function haveSameOutput(first: OutputOptions, second: OutputOptions): boolean {
  return (
    OUTPUT_OPTIONS.every((name) => first[name] === second[name]) &&
    isDeepStrictEqual(first.service, second.service)
  )
}
