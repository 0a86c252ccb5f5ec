// How names of values are written in texts.
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
const WORDS_BEFORE = /(?<![\p{L}\p{N}_-])[\p{L}\p{N}_-]+(?: [\p{L}\p{N}_-]+){0,2} $/u
/** Bounds the part of the text in which the other words of a name are searched. */
const MAX_WORDS_LENGTH = 60

/** Whether the name at this index is sensitive, alone or with up to three words in front of it. */
export function isSensitiveName(text: string, index: number, name: string, keys: SensitiveKeys): boolean {
  if (keys.isSensitive(name)) return true
  if (text[index - 1] !== ' ' || !LAST_WORDS.test(name)) return false
  const words = WORDS_BEFORE.exec(text.slice(Math.max(0, index - MAX_WORDS_LENGTH), index))?.[0].split(' ')
  if (words === undefined) return false
  // The last item is empty, because the words end with a blank.
  for (let first = words.length - 2; first >= 0; first--) {
    if (keys.isSensitive(`${words.slice(first).join(' ')}${name}`)) return true
  }
  return false
}
