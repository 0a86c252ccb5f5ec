// Composes the redactors of texts, URLs and JSON, which call each other through a `TextContext`.
import { walk } from '../../serialize/walk.js'
import type { DetectorContext, OnSecret } from '../detectors/detector.js'
import type { SecretCollector } from '../found/found-secrets.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import { createReplacement } from '../rules/replacement.js'
import { redactText } from '../texts/redact-text.js'
import type { TextContext } from '../texts/text-context.js'
import { redactUrl } from '../urls/redact-url.js'
import { RedactionHooks } from './redaction-hooks.js'
import { DEFAULT_STATE } from './redaction-state.js'

/** @param secrets takes the values that are replaced */
export function createTextContext(
  sensitiveKeys: SensitiveKeys,
  replacement: string,
  secrets?: SecretCollector,
): TextContext {
  return new ComposedTextContext(sensitiveKeys, replacement, secrets, 0)
}

class ComposedTextContext implements TextContext {
  #nested: TextContext | undefined

  constructor(
    readonly sensitiveKeys: SensitiveKeys,
    readonly replacement: string,
    readonly secrets: SecretCollector | undefined,
    readonly nesting: number,
  ) {}

  get onSecret(): OnSecret | undefined {
    const { secrets } = this
    return secrets && ((value, name) => secrets.addText(value, name))
  }

  get nested(): TextContext {
    const { sensitiveKeys, replacement, secrets, nesting } = this
    this.#nested ??= new ComposedTextContext(sensitiveKeys, replacement, secrets, nesting + 1)
    return this.#nested
  }

  get withinUrl(): DetectorContext {
    const { sensitiveKeys, replacement, onSecret } = this
    return { sensitiveKeys, replacement, onSecret, redactUrl: (url) => url }
  }

  redactUrl(url: string): string {
    return redactUrl(url, this)
  }

  redactText(text: string): string {
    return redactText(text, this)
  }

  redactJson(json: string): string {
    const options = {
      sensitiveKeys: this.sensitiveKeys,
      replacement: createReplacement(this.replacement),
      redactText: (text: string) => this.redactUrl(text),
      createContext: createTextContext,
    }
    const hooks = new RedactionHooks(options, this.secrets)
    return String(walk(json, { maxBytes: Infinity, hooks, state: DEFAULT_STATE }).content)
  }
}
