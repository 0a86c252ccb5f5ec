import type { JsonValue } from '../../serialize/json-value.js'
import { type Snapshot, walk } from '../../serialize/walk.js'
import type { SecretCollector } from '../found/found-secrets.js'
import type { PathMatcher } from '../rules/path-matcher.js'
import type { Rules } from '../rules/rules.js'
import { redactText } from '../texts/redact-text.js'
import { createTextContext } from './create-text-context.js'
import { KeyHooks, ValueHooks } from './key-hooks.js'
import { RedactionHooks, type RedactionHooksOptions } from './redaction-hooks.js'
import { DEFAULT_STATE } from './redaction-state.js'
import { TextRewriter } from './text-rewriter.js'

/** Redacts values by keys, paths and the shapes in their texts. */
export class ValueRedactor {
  readonly #options: RedactionHooksOptions
  readonly #paths: PathMatcher | undefined

  /** @param onError takes an error that was thrown while a text was redacted; the text is hidden */
  constructor(rules: Rules, onError?: (error: unknown) => void) {
    const { sensitiveKeys, replacement, pseudonymize, paths } = rules
    const createContext = createTextContext
    this.#options = { sensitiveKeys, replacement, redactText, createContext, pseudonymize, onError }
    this.#paths = paths
  }

  /**
   * Copies a value without its secrets.
   *
   * @param path the path of the value in the record
   * @param maxBytes about how many bytes of JSON the copy may have
   * @param secrets takes the values that are replaced
   */
  redactValue(value: unknown, path: string, maxBytes: number, secrets?: SecretCollector): Snapshot {
    const paths = this.#paths && followPath(path, this.#paths)
    const state = paths === undefined ? DEFAULT_STATE : { ...DEFAULT_STATE, paths }
    return walk(value, { maxBytes, path, hooks: new RedactionHooks(this.#options, secrets), state })
  }

  /**
   * Copies a value, which must be bounded, without its secrets, except those in its keys. A path that leads to the value
   * itself applies only if it has no keys.
   */
  redactExceptKeys(value: unknown, path: string, secrets: SecretCollector): JsonValue {
    const paths = this.#paths && followPath(path, this.#paths)
    const state = paths === undefined ? DEFAULT_STATE : { ...DEFAULT_STATE, paths }
    return walk(value, { maxBytes: Infinity, path, hooks: new ValueHooks(this.#options, secrets), state })
      .content
  }

  /** Copies a value without the secrets in its keys. */
  redactKeys(value: JsonValue, path: string, secrets: SecretCollector): JsonValue {
    const { sensitiveKeys } = this.#options
    if (sensitiveKeys === undefined) return value
    const hooks = new KeyHooks(new TextRewriter({ ...this.#options, sensitiveKeys }, secrets))
    return walk(value, { maxBytes: Infinity, path, hooks, state: DEFAULT_STATE }).content
  }

  /** Redacts a text that may be JSON by its keys and shapes. Paths do not apply. */
  redactJson(json: string, path: string, secrets?: SecretCollector): string {
    const hooks = new RedactionHooks(this.#options, secrets)
    return String(walk(json, { maxBytes: Infinity, path, hooks, state: DEFAULT_STATE }).content)
  }
}

function followPath(path: string, paths: PathMatcher): PathMatcher | undefined {
  return path.split('.').reduce<PathMatcher | undefined>((matcher, key) => matcher?.step(key), paths)
}
