import { createTextContext } from './redact-value.js'
import type { Rules } from './rules.js'
import { mayHaveStandaloneSecret, runStandaloneDetectors } from './run-detectors.js'

/** `crypto.randomUUID`, and what most proxies send. Hot path: nearly every request id is one. */
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/

/**
 * Creates a function that redacts the texts that a client chooses and that have no names in them: the request id and the
 * user agent. Only secrets that are recognized without a name are looked for. Returns the same text if there are none.
 */
export function createClientTextRedactor({
  sensitiveKeys,
  replacement,
}: Rules): (text: string, path: string) => string {
  if (sensitiveKeys === undefined) return (text) => text
  return (text, path) => {
    if (UUID.test(text) || !mayHaveStandaloneSecret(text)) return text
    const replaced = replacement.fixed ?? replacement.replace(undefined, path)
    return runStandaloneDetectors(text, createTextContext(sensitiveKeys, replaced))
  }
}
