// Values behind a sensitive name that are no secrets: absent values, types, variables, counts, and sentences about the value.
import { lazy } from '../../../lib/lazy.js'
import { canBeSecret } from '../../keys/harmless-values.js'
import type { SensitiveKeys } from '../../keys/sensitive-keys.js'
import { listOf } from '../../list-of.js'
import type { Value } from './value-syntax.js'

/** No value, a placeholder of a statement or of a format string, or a value that was masked. */
const ABSENT =
  /^(?:null|true|false|yes|no|none|nil|undefined|nan|\?|\$\d{1,3}|%[sdv@]|\*{3,}|\(null\)|<n[iu]ll?>|n\/a)$/i
/** The types of TypeScript, GraphQL, Python and Go that a password or a token may have. */
const TYPE =
  /^(?:string|str|text|varchar|number|int|integer|boolean|bool|any|unknown|object|bytes|optional|promise)[!?]*$/i
const TYPE_OR_NOTHING = /(?: \| (?:undefined|null))+$/
const TYPE_OF_SEVERAL = /^(?:\[string!?\]!?|(?:promise|optional|maybe|option)\[str(?:ing)?\])$/i
/** Actions on a password or a token, in scopes, permissions and names of events: `token:refresh`, `secret:read`. */
const ACTIONS = [
  'read|write|create|update|delete|remove|list|view|edit|manage|change|reset|refresh|revoke|rotate|verify|validate',
  'issue|exchange|introspect|enroll|login|logout|grant|deny|count',
]
const ACTION = new RegExp(`^(?:${ACTIONS.join('|')})$`, 'i')
const FIRST_ACTION = new RegExp(`^(?:${ACTIONS.join('|')})(?=[\\s,;)]|$)`, 'i')
const EMPTY_QUOTES = /^\w{0,3}\\{0,31}(["'`])\\{0,31}\1$/
const EMPTY_BRACKETS = /^(?:\w{0,20}[ (\d)]{0,10})?[[({][ \t\r\n]{0,20}[\])}]$/
/** `getToken()` and `config.password()`, which show only names. */
const CALL_WITHOUT_ARGUMENTS = /^(?:await )?[\w.]{1,100}\(\)$/
/** `${DB_PASSWORD}` and `{{ .Values.token }}`. With a default value, as in `${PASSWORD:-geheim}`, it may be a secret. */
const PLACEHOLDER = /^(?:\$\{[A-Za-z_][\w.]{0,100}\}|\$?\{\{[\w. |]{1,100}\}\})$/
/** Names of things that are in the code, and not their values. */
const EXPRESSION =
  /^(?:(?:process\.env|import\.meta\.env|os\.environ|secrets|config|env)\.\w{1,100}|require\(["'][^"']{1,100}["']\))$/
const MEMBER = /^(?:[A-Za-z_$]\w{0,40}\??\.){1,6}([A-Za-z_$]\w{0,60})$/
const VARIABLE = /^(?:[$:@%]|\$\{|#\{|\{\{? ?)([\w.-]{1,100})(?:\}|%| ?\}\})?$/
/** No harmless value is longer. */
const MAX_HARMLESS_LENGTH = 120

/** Whether a text begins with an {@link ACTION}, as `token:manage secret:read` does behind the first colon. */
export function beginsWithAction(text: string): boolean {
  return FIRST_ACTION.test(text)
}

/** Whether a value is harmless although its name is sensitive. `written` is the value as it stands in the text. */
export function isHarmlessValue(
  name: string,
  written: string,
  kind: Value['kind'],
  isTyped: boolean,
): boolean {
  if (written.length > MAX_HARMLESS_LENGTH) return false
  if (kind === 'quoted') return EMPTY_QUOTES.test(written)
  if (ABSENT.test(written) || EMPTY_BRACKETS.test(written) || CALL_WITHOUT_ARGUMENTS.test(written))
    return true
  if (PLACEHOLDER.test(written) || EXPRESSION.test(written)) return true
  const variable = VARIABLE.exec(written)?.[1] ?? MEMBER.exec(written)?.[1]
  if (variable !== undefined && lettersOf(variable) === lettersOf(name)) return true
  const type = written.replace(TYPE_OR_NOTHING, '')
  if (isTyped && (TYPE.test(type) || TYPE_OF_SEVERAL.test(type) || ACTION.test(type))) return true
  return isCountOfTokens(name, written)
}

/** The letters and digits of a text, in lower case. */
export function lettersOf(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()
}

/** `max_tokens=512` counts tokens, and `PASS: 3` tests. */
function isCountOfTokens(name: string, written: string): boolean {
  return /(?:token|password|secret|cookie|session)s$|^pass$/i.test(name) && /^\d{1,9}$/.test(written)
}

/** Bounds the length of a list or an object that is parsed. */
const MAX_PARSED_LENGTH = 500

/** Whether the rules for values of objects know this value as harmless: references, descriptions, ids of Twilio. */
export function isHarmlessObjectOrReference(
  name: string,
  written: string,
  value: Value,
  keys: SensitiveKeys,
): boolean {
  if (written.length > MAX_PARSED_LENGTH) return false
  const key = name.slice(name.lastIndexOf('.') + 1)
  if (value.kind !== 'bracketed') {
    const content = written.slice(value.opening.length, written.length - value.closing.length)
    return content !== '' && !canBeSecret(key, content, keys)
  }
  if (!/^[[{]/.test(written)) return false
  try {
    return !canBeSecret(key, JSON.parse(written), keys)
  } catch {
    return false
  }
}

/** How a sentence about a value goes on: `password: must be longer`, `token: expired`. */
const STATUS_WORDS: ReadonlySet<string> = new Set([
  ...listOf("must, should, shall, may, might, can, cannot, can't, could, will, would, need, needs"),
  ...listOf("is, isn't, are, was, were, be, has, have, had, does, doesn't, do, did, didn't"),
  ...listOf('not, no, too, at, only, already, never, minimum, maximum, least, between, failed'),
  ...listOf('required, optional, missing, invalid, valid, expired, expires, revoked, unknown'),
  ...listOf(
    'expected, unexpected, incorrect, wrong, mismatch, mismatched, empty, blank, absent, present, unset',
  ),
  ...listOf('malformed, rejected, denied, disabled, enabled, deprecated, unsupported, unauthorized'),
  ...listOf('changed, updated, deleted, removed, created, rotated, hidden, masked, redacted'),
  ...listOf('omitted, path, validation'),
])
/** First words of a sentence. Not behind a name of a passphrase, which may be a sentence itself. */
const FUNCTION_WORDS: ReadonlySet<string> = new Set([
  ...listOf('the, a, an, this, that, these, our, your, my, his, her, its, their, how, what'),
  ...listOf('why, when, where, who, which, if, for, from, with, in, on, of, to, we, you, it'),
])
/** Machines make these values, without spaces. A password may be a sentence. */
const NAME_WITHOUT_SPACES = /(?:token|secret|key|jwt|cookie|session|credential)s?$/i
const MIN_WORDS_OF_SENTENCE = 4
/** A word of a sentence, or a small number in it, with the marks around it. */
const WORD_OF_SENTENCE = lazy(() => /^[^\p{L}\p{N}]{0,3}(?:[\p{L}'’/-]{1,40}|\d{1,4})?[^\p{L}\p{N}]{0,3}$/u)
/** Bounds the part of a line that is examined. */
const MAX_SENTENCE = 300
/** Names that are ordinary words, too. The secret is a number, in which a sentence has no more than three digits. */
const NUMERIC_NAME = /^(?:pin|pan|tan)s?$/i
/** `Pass: 14 students, fail: 2` and `pass: 12 passed` count. */
const COUNT_OF_THINGS = lazy(() => /^\d{1,4} \p{L}{2}/u)

/**
 * Whether the rest of a line tells something about a value, and is not the value: `must be at least 8 characters`. Each
 * of its words is a word of letters, so that a secret among them makes this false.
 */
export function isSentenceAbout(name: string, text: string, start: number): boolean {
  const rest = text.slice(start, start + MAX_SENTENCE)
  if (isOrdinaryWord(name, rest)) return true
  const first = /^[\p{L}'’]{1,20}/u.exec(rest)?.[0].toLowerCase()
  if (first === undefined) return false
  const isFunctionWord = FUNCTION_WORDS.has(first) && NAME_WITHOUT_SPACES.test(name)
  if (!isFunctionWord && !STATUS_WORDS.has(first)) return false
  const words = (/^[^\r\n]*/.exec(rest)?.[0] ?? '').trim().split(/\s+/)
  if (isFunctionWord && words.length < MIN_WORDS_OF_SENTENCE) return false
  return words.every((word) => WORD_OF_SENTENCE().test(word))
}

function isOrdinaryWord(name: string, rest: string): boolean {
  if (/^pass$/i.test(name)) return COUNT_OF_THINGS().test(rest)
  if (!NUMERIC_NAME.test(name)) return false
  const line = (/^[^\r\n]*/.exec(rest)?.[0] ?? '').trim()
  return line.includes(' ') && /^\p{L}{2}/u.test(line) && !/\d{4}/.test(line)
}
