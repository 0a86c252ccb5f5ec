// Redacts the texts and the keys of a value. A text of JSON is redacted by the keys in it.
import type { Position } from '../../serialize/position.js'
import { UNREADABLE } from '../../serialize/value-kinds.js'
import type { WalkContinuation } from '../../serialize/walk.js'
import type { SecretCollector } from '../found/found-secrets.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { Replacement } from '../rules/replacement.js'
import { mayBeJson, parseJson } from '../texts/parse-json.js'
import { mayHaveSecret, mayHaveStandaloneSecret, runDetectors } from '../texts/run-detectors.js'
import type { TextContext } from '../texts/text-context.js'
import { enterTable, type RedactionState } from './redaction-state.js'

export interface TextRewriterOptions {
  readonly sensitiveKeys: SensitiveKeys
  readonly replacement: Replacement
  /** Redacts a text that is not JSON. */
  readonly redactText: (text: string, context: TextContext) => string
  readonly createContext: CreateTextContext
  /** Takes an error that was thrown while a text was redacted; the text is hidden in any case. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** `createTextContext`, which is passed in because its contexts redact JSON in turn. */
export type CreateTextContext = (
  sensitiveKeys: SensitiveKeys,
  replacement: string,
  secrets?: SecretCollector,
) => TextContext

type RedactionWalk = WalkContinuation<RedactionState>

export class TextRewriter {
  readonly #options: TextRewriterOptions
  readonly #secrets: SecretCollector | undefined
  /** Hot path: composed once, for the first text, where the replacement does not depend on the position. */
  #fixedContext: TextContext | undefined

  constructor(options: TextRewriterOptions, secrets: SecretCollector | undefined) {
    this.#options = options
    this.#secrets = secrets
  }

  rewriteText(text: string, position: Position<RedactionState>, walk: RedactionWalk): string {
    return mayBeRewritten(text) ? this.#rewriteSafely(text, position, walk) : text
  }

  rewriteKey(key: string, position: Position<RedactionState>, walk: RedactionWalk): string {
    return mayBeRewrittenKey(key) ? this.rewriteText(key, position, walk) : key
  }

  /** A bug in here must not reach the request, nor leave a secret visible. */
  #rewriteSafely(text: string, position: Position<RedactionState>, walk: RedactionWalk): string {
    try {
      const context = this.#contextAt(position)
      return mayBeJson(text)
        ? this.#rewriteJson(text, context, position, walk)
        : this.#options.redactText(text, context)
    } catch (error) {
      this.#options.onError?.(error)
      return UNREADABLE
    }
  }

  /** Also if the JSON was truncated. A text that is not JSON after all is redacted as a text. */
  #rewriteJson(
    text: string,
    context: TextContext,
    position: Position<RedactionState>,
    walk: RedactionWalk,
  ): string {
    const { sensitiveKeys, redactText } = this.#options
    const parsed = parseJson(text)
    if (parsed === undefined) return redactText(text, context)
    const { value, mark, truncatedObject } = parsed
    const paths = position.state.paths?.step(JSON_KEY)
    const state = { paths, parentKey: undefined, truncatedObject, table: undefined }
    // The content of the JSON takes its room again.
    walk.giveBack(text.length - mark.length)
    const start = enterTable(value, position.entry(JSON_KEY, state), sensitiveKeys)
    const copy = JSON.stringify(walk.copyContent(value, start))
    if (mark !== '' || !isJsonOf(copy, value)) return `${copy}${mark}`
    // Nothing was redacted, so the text stays as it was written. The parser drops all but the last of duplicate keys.
    return runDetectors(text, context)
  }

  #contextAt(position: Position<RedactionState>): TextContext {
    const { sensitiveKeys, replacement, createContext } = this.#options
    if (replacement.fixed === undefined)
      return createContext(sensitiveKeys, replacement.replace(undefined, position.path), this.#secrets)
    this.#fixedContext ??= createContext(sensitiveKeys, replacement.fixed, this.#secrets)
    return this.#fixedContext
  }
}

/**
 * Stands for the content of a text of JSON in paths: those of the options, as in `results.body.(json).bsn`, and those that
 * a replacement function gets.
 */
const JSON_KEY = '(json)'

/**
 * Every key with a secret has one of these, unless the secret stands alone. A JSON body that was parsed as a form ends up in
 * a key: `{ '{"password":"...' : '' }`. U+2400, which the walk writes for U+0000, is a sign of binary data, which may be a
 * secret without a name.
 */
const KEY_MARKER = /[=:/{"\u2400]/
/** JSON and escapes begin so. */
const TEXT_MARKER = /["[{%]/

function mayBeRewrittenKey(key: string): boolean {
  return KEY_MARKER.test(key) || mayHaveStandaloneSecret(key)
}

/** Hot path: most texts have no secret, and are not searched further. */
function mayBeRewritten(text: string): boolean {
  return TEXT_MARKER.test(text) || mayHaveSecret(text)
}

function isJsonOf(json: string | undefined, value: unknown): boolean {
  try {
    return json === JSON.stringify(value)
  } catch {
    // JSON.parse accepts thousands of levels, which JSON.stringify does not.
    return false
  }
}
