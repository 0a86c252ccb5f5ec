import { callSync } from '../../lib/call-sync.js'

/** Stands in place of a sensitive value by default. */
export const REDACTED = '[REDACTED]'

/** Returns what stands in place of a sensitive value. */
export type ReplaceFunction = (value: unknown, path: string) => string

/** The option `redact.replacement`, prepared for use. */
export interface Replacement {
  /** The replacement of every value; `undefined` if the option is a function. Hot path: avoids building paths. */
  readonly fixed: string | undefined
  /** Never throws. `path` is the path of the value in the record. */
  readonly replace: ReplaceFunction
}

/** @param option the option `redact.replacement` */
export function createReplacement(option: string | ReplaceFunction): Replacement {
  return typeof option === 'function'
    ? { fixed: undefined, replace: (value, path) => replaceSafely(option, value, path) }
    : { fixed: option, replace: () => option }
}

/** A function of the user may throw, return a promise, or return something else than a string. */
function replaceSafely(replace: ReplaceFunction, value: unknown, path: string): string {
  try {
    const replacement: unknown = callSync(() => replace(value, path))
    return typeof replacement === 'string' ? replacement : REDACTED
  } catch {
    return REDACTED
  }
}
