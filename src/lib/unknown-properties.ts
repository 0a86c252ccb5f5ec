import type { Reporter } from './reporter.js'
import { readSafely } from './safe-read.js'
import { findSimilarName, isObject } from './validate.js'

/** Bounds the message, since the value may be any object of the application. */
const MAX_NAMES = 5
const MAX_NAME_LENGTH = 40

/**
 * Reports, once for each place and names, the properties of a description that have no effect: a misspelt one would
 * otherwise be missing in every record.
 *
 * @param place a constant that begins the message, such as `setUser()`
 */
export function reportUnknownProperties(
  reporter: Pick<Reporter, 'reportOnce'>,
  place: string,
  description: unknown,
  knownNames: readonly string[],
): void {
  if (!isObject(description)) return
  // Hot path: the known names are few, and almost always all of them are known.
  const unknown = (readSafely(() => Object.keys(description)) ?? []).filter(
    (name) => !knownNames.includes(name),
  )
  if (unknown.length === 0) return
  const named = unknown.slice(0, MAX_NAMES).map((name) => describeName(name, knownNames))
  const others = unknown.length > MAX_NAMES ? ` and ${unknown.length - MAX_NAMES} more` : ''
  reporter.reportOnce(
    'ERR_AUDIT_PROPERTY',
    `${place} got properties that no record has: ${named.join(', ')}${others}. They are not recorded. ` +
      `Known properties: ${knownNames.join(', ')}`,
    undefined,
    // A handler may copy names that a client chose. They must not use up the reports of other mistakes.
    place,
  )
}

function describeName(name: string, knownNames: readonly string[]): string {
  const shown = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name
  const similar = findSimilarName(shown, knownNames)
  return similar === undefined ? `\`${shown}\`` : `\`${shown}\` (did you mean \`${similar}\`?)`
}
