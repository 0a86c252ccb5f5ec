import type { SecretCollector } from './found/found-secrets.js'
import type { SensitiveKeys } from './keys/sensitive-keys.js'
import type { PathMatcher } from './rules/path-matcher.js'
import type { Rules } from './rules/rules.js'
import { mayBeJson } from './texts/parse-json.js'
import { redactText } from './texts/redact-text.js'
import { mayHaveStandaloneSecret } from './texts/run-detectors.js'
import { createTextContext } from './values/create-text-context.js'
import { ValueRedactor } from './values/value-redactor.js'

/**
 * Redacts the texts of a record by the shapes in them. A text to which a configured path leads stays as the path has left
 * it.
 */
export class RecordTextRedactor {
  readonly #keys: SensitiveKeys
  readonly #replacement: Rules['replacement']
  readonly #paths: PathMatcher | undefined
  readonly #valueRedactor: ValueRedactor

  constructor(rules: Rules, sensitiveKeys: SensitiveKeys) {
    this.#keys = sensitiveKeys
    this.#replacement = rules.replacement
    this.#paths = rules.paths
    this.#valueRedactor = new ValueRedactor(rules)
  }

  /** Redacts a text that may be prose. */
  redactAny(text: string, part: string, name: string, secrets: SecretCollector): string {
    if (text.length < MIN_TEXT_LENGTH || hasPath(this.#paths, part, name)) return text
    const path = name === '' ? part : `${part}.${name}`
    if (mayBeJson(text)) return this.#valueRedactor.redactJson(text, path, secrets)
    const fixed = this.#replacement.fixed ?? this.#replacement.replace(undefined, path)
    return redactText(text, createTextContext(this.#keys, fixed, secrets))
  }

  /** Redacts a text without prose, only if it contains a character that a secret needs. */
  redactToken(text: string, part: string, name: string, secrets: SecretCollector): string {
    return MARKER_IN_TOKEN.test(text) || mayHaveStandaloneSecret(text)
      ? this.redactAny(text, part, name, secrets)
      : text
  }
}

/** Shorter texts have no room for a name, a separator and a secret. */
const MIN_TEXT_LENGTH = 5
/** A parameter or user info. Hot path: most user agents, email addresses and ids have neither. */
const MARKER_IN_TOKEN = /=|\/\/[^/\s]{0,200}@/

function hasPath(paths: PathMatcher | undefined, part: string, name: string): boolean {
  const step = part.split('.').reduce((steps, key) => steps?.step(key), paths)
  return step !== undefined && (step.action !== undefined || name === '' || step.step(name) !== undefined)
}
