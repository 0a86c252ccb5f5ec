// How names of values are written in texts.
import { lazy } from '../../../lib/lazy.js'
import type { SensitiveKeys } from '../../keys/sensitive-keys.js'

/** Letters of any language, without the marks that separate words and sentences in it. */
const LETTERS_BEYOND_ASCII = String.raw`\xaa\xb5\xba\xc0-\u1fff\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\uff10-\uff19\uff21-\uff3a\uff3f\uff41-\uff5a`
/** A character of a name, for use within the brackets of a character class. */
export const NAME_CHARACTERS = String.raw`\w.[\]$\-${LETTERS_BEYOND_ASCII}`
/** A whole name. Bounded, because it is searched from each word. */
export const NAME = `(?<![${NAME_CHARACTERS}])([${NAME_CHARACTERS}]{1,100})`

/** Words that are the last of a name of several words: `API key`, `mot de passe`, `one-time code`. */
const LAST_WORDS =
  /^(?:keys?|codes?|number|num|no|nr|id|phrase|passe|string|url|uri|words?|value|token|secret|hash|answer)$/i
const WORDS_BEFORE = lazy(() => /(?<![\p{L}\p{N}_-])[\p{L}\p{N}_-]+(?: [\p{L}\p{N}_-]+){0,2} $/u)
/** Bounds the part of the text in which the other words of a name are searched. */
const MAX_WORDS_LENGTH = 60

/** `checksum/` in front of `secret`, also escaped, and `arn:aws:secretsmanager:...:` in front of `secret`. */
const PREFIX = /(?:[\w.-]{1,60}(?:\/|%2f)|(?<![\w:])arn:aws[\w:*-]{1,100}:)$/i
/** The digits of an escape that stands directly in front of a name: `%24skiptoken`. */
const REST_OF_ESCAPE = /^[\da-f]{2}/i
const MAX_PREFIX_LENGTH = 120

/** Whether the name at this index is sensitive, alone or with up to three words in front of it. */
export function isSensitiveName(text: string, index: number, name: string, keys: SensitiveKeys): boolean {
  if (keys.isSensitive(name)) return !isPartOfHarmlessName(text, index, name, keys)
  if (text[index - 1] !== ' ' || !LAST_WORDS.test(name)) return false
  const words = WORDS_BEFORE()
    .exec(text.slice(Math.max(0, index - MAX_WORDS_LENGTH), index))?.[0]
    .split(' ')
  if (words === undefined) return false
  // The last item is empty, because the words end with a blank.
  for (let first = words.length - 2; first >= 0; first--) {
    if (keys.isSensitive(`${words.slice(first).join(' ')}${name}`)) return true
  }
  return false
}

/** Whether the name is the end of a longer name that is harmless: `checksum/secret`, or the ARN of a secret. */
function isPartOfHarmlessName(text: string, index: number, name: string, keys: SensitiveKeys): boolean {
  const previous = text[index - 1]
  const isBehindEscape = previous === '%' && REST_OF_ESCAPE.test(name)
  if (!isBehindEscape && previous !== '/' && previous !== ':') return false
  const [escaped, rest] = isBehindEscape ? [`%${name.slice(0, 2)}`, name.slice(2)] : ['', name]
  const before = text.slice(Math.max(0, index - MAX_PREFIX_LENGTH), isBehindEscape ? index - 1 : index)
  const prefix = PREFIX.exec(`${before}${escaped}`)?.[0]
  if (prefix?.startsWith('arn:')) return true
  return !keys.isSensitive(prefix === undefined ? rest : `${prefix.replace(/%2f$/i, '/')}${rest}`)
}
