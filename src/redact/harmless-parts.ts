import { SecretCollector } from './found/found-secrets.js'
import { selectComputedHeaders } from './headers/computed-headers.js'
import { createHarmlessHeaderCheck } from './headers/redact-headers.js'
import { RecordTextRedactor } from './record-text-redactor.js'
import type { Rules } from './rules/rules.js'
import { createPlainUrlCheck } from './urls/harmless-urls.js'
import { isKnownHarmless, redactUrl } from './urls/redact-url.js'
import { createTextContext } from './values/create-text-context.js'

/** Checks single parts of a record: a part without a secret is recorded as it is. */
export interface HarmlessParts {
  /** A quick check whether the URL of a request has no secret and no character that JSON escapes. `false` means unknown. */
  isPlainUrl(origin: string, target: string): boolean
  /** Whether the URL of a request has no secret. */
  isHarmlessUrl(url: string): boolean
  /** Whether a text that may be prose has no secret. */
  isHarmlessText(text: string): boolean
  /** Whether a text without prose, such as a name or an id, has no secret. */
  isHarmlessToken(text: string): boolean
  /** Whether a response header with one value has no secret. The name is in lower case. */
  isHarmlessHeader(name: string, value: string): boolean
  /** A pattern of harmless values, for a header whose value differs in nearly every response. The name is in lower case. */
  findComputedForm(name: string): RegExp | undefined
}

/** @returns `undefined` if paths or a replacement function of the options have to see each part */
export function createHarmlessParts(rules: Rules): HarmlessParts | undefined {
  const { sensitiveKeys, paths, replacement } = rules
  const { fixed } = replacement
  if (sensitiveKeys === undefined || paths !== undefined || fixed === undefined) return undefined
  const texts = new RecordTextRedactor(rules, sensitiveKeys)
  const computedHeaders = selectComputedHeaders(sensitiveKeys)

  /** Also if nothing was replaced, a secret may have been found: one that stands in place of itself. */
  function leavesAsItIs(text: string, redact: (secrets: SecretCollector) => string): boolean {
    const secrets = new SecretCollector()
    return redact(secrets) === text && secrets.secrets.length === 0
  }

  return {
    isPlainUrl: createPlainUrlCheck(sensitiveKeys),
    isHarmlessUrl: (url) =>
      isKnownHarmless(url, sensitiveKeys) ||
      leavesAsItIs(url, (secrets) => redactUrl(url, createTextContext(sensitiveKeys, fixed, secrets))),
    isHarmlessText: (text) =>
      text === '' || leavesAsItIs(text, (secrets) => texts.redactAny(text, '', '', secrets)),
    isHarmlessToken: (text) =>
      text === '' || leavesAsItIs(text, (secrets) => texts.redactToken(text, '', '', secrets)),
    isHarmlessHeader: createHarmlessHeaderCheck(rules, sensitiveKeys),
    findComputedForm: (name) => computedHeaders.get(name),
  }
}
