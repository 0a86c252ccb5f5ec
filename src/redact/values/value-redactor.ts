import { type Snapshot, walk } from '../../serialize/walk.js'
import type { SecretCollector } from '../found/found-secrets.js'
import type { PathMatcher } from '../rules/path-matcher.js'
import type { Rules } from '../rules/rules.js'
import { redactText } from '../texts/redact-text.js'
import { createTextContext } from './create-text-context.js'
import { RedactionHooks, type RedactionHooksOptions } from './redaction-hooks.js'
import { DEFAULT_STATE } from './redaction-state.js'

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

  /** Redacts a text that may be JSON by its keys and shapes. Paths do not apply. */
  redactJson(json: string, path: string, secrets?: SecretCollector): string {
    const hooks = new RedactionHooks(this.#options, secrets)
    return String(walk(json, { maxBytes: Infinity, path, hooks, state: DEFAULT_STATE }).content)
  }
}

function followPath(path: string, paths: PathMatcher): PathMatcher | undefined {
  return path.split('.').reduce<PathMatcher | undefined>((matcher, key) => matcher?.step(key), paths)
}
