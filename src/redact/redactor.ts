import { BoundedCache } from '../lib/bounded-cache.js'
import { lazy } from '../lib/lazy.js'
import type { FoundSecret } from '../record/record-draft.js'
import type { JsonValue } from '../serialize/json-value.js'
import type { Snapshot } from '../serialize/walk.js'
import { findPathSecrets } from './found/find-path-secrets.js'
import { SecretCollector } from './found/found-secrets.js'
import { createHarmlessParts, type HarmlessParts } from './harmless-parts.js'
import { createHeaderRedactor } from './headers/redact-headers.js'
import { type ChangeRedactor, createChangeRedactor } from './redact-changes.js'
import {
  applyMessagePath,
  createRecordRedactor,
  type RecordRedactor,
  redactResponse,
} from './redact-record.js'
import { createRules, type PseudonymizeOptions, type RedactOptions } from './rules/rules.js'
import { ValueRedactor } from './values/value-redactor.js'

/** A copy of a value, and the secrets that were replaced in it. */
export interface RedactedValue extends Snapshot {
  readonly secrets: readonly FoundSecret[]
}

/** Keeps secrets out of records. Never throws. */
export interface Redactor extends RecordRedactor {
  /** Copies a value of the application, as it is now, without its secrets. */
  redactValue(value: unknown, path: 'results' | 'filter.kwargs' | 'request_body'): RedactedValue
  readonly changes: ChangeRedactor
  /** `undefined` if every record has to be redacted as a whole. */
  readonly harmlessParts: HarmlessParts | undefined
  /** The secrets among route parameters: those with a sensitive name, or to which a path of the filter leads. */
  findPathSecrets(params: unknown): readonly FoundSecret[]
  /** The secrets in response headers that are not recorded. */
  findHeaderSecrets(headers: JsonValue): readonly FoundSecret[]
  /** Applies a configured path to the message that was composed of the parts of a redacted record. */
  applyMessagePath(message: string): string
}

export interface RedactorOptions {
  readonly redact: RedactOptions | false
  readonly pseudonymize: PseudonymizeOptions | undefined
  /** Bounds the copies that `redactValue` makes. */
  readonly maxRecordBytes: number
  /** Takes an error that was thrown while a value was redacted, which is a bug. That part of the value is hidden. */
  readonly onError?: ((error: unknown) => void) | undefined
}

export function createRedactor({ redact, pseudonymize, maxRecordBytes, onError }: RedactorOptions): Redactor {
  const rules = createRules(redact, pseudonymize)
  const valueRedactor = new ValueRedactor(rules, onError)
  // Hot path: the names of route parameters are those of the application's routes.
  const sensitiveParameters = new BoundedCache<boolean>(200)
  const isSensitiveParameter = (name: string) => {
    const known = sensitiveParameters.get(name)
    if (known !== undefined) return known
    const isSensitive = rules.sensitiveKeys?.isSensitive(name) === true
    sensitiveParameters.set(name, isSensitive)
    return isSensitive
  }
  // With a cache of its own: these headers are others than those in the records.
  const getHeaderRedactor = lazy(() => createHeaderRedactor(rules))
  return {
    redactValue(value, path) {
      // The names in the others may be those of a client.
      const collector = new SecretCollector(path === 'results')
      const { content, isTruncated } = valueRedactor.redactValue(value, path, maxRecordBytes, collector)
      return { content, isTruncated, secrets: collector.secrets }
    },
    changes: createChangeRedactor(valueRedactor),
    harmlessParts: createHarmlessParts(rules),
    findPathSecrets: (params) => findPathSecrets(params, rules, isSensitiveParameter),
    findHeaderSecrets(headers) {
      const collector = new SecretCollector(true)
      redactResponse({ status_code: null, reason: null, headers }, getHeaderRedactor(), rules, collector)
      return collector.secrets
    },
    ...createRecordRedactor(rules, valueRedactor),
    applyMessagePath: (message) => applyMessagePath(message, rules),
  }
}
