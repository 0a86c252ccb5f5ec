import type { Detector } from './detector.js'
import { looksGenerated } from './shared/looks-generated.js'
import { matchAt } from './shared/match-at.js'
import { isSensitiveName, NAME } from './shared/name-syntax.js'
import { replaceParts } from './shared/replace-parts.js'

/** `is` in the languages of the sensitive names, `with value`, or nothing. */
const VERB = '(?:is|was|are|ist|lautet|est|es|è|é|jest|är)'
const CONNECTION = String.raw`[ \t]{1,3}(?:now[ \t]{1,3})?(?:(${VERB}|to|as|of|with[ \t](?:the[ \t])?value|value)[ \t]{0,3}:?[ \t]{1,3})?`
const NAMED = new RegExp(`${NAME}["'\`]?${CONNECTION}(?=[^\\s"'\`])`, 'gi')
/** A word up to a blank or the punctuation behind it. */
const WORD = /[^\s"'`<>(),;]{4,500}/y
const TRAILING_PUNCTUATION = /[.:!?\])}…]{1,5}$/

export const proseValues: Detector = {
  id: 'prose-values',
  secret:
    'A generated value behind a sensitive name in a sentence: `the password is ...`, `Invalid token ...`',
  reason: 'Messages for people name the value that was wrong',
  visible: 'The sentence. Values of letters only are not recognized, because they look like any word',
  sources: ['https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude'],
  examples: [
    ['Your password is geheim123.', 'Your password is [REDACTED].'],
    ['Invalid token a1b2c3d4e5f6', 'Invalid token [REDACTED]'],
    ['The password is required', 'The password is required'],
    ['The token is valid for 10 minutes', 'The token is valid for 10 minutes'],
  ],
  markers: [' '],
  needsName: true,
  redact(text, { sensitiveKeys, replacement }) {
    return replaceParts(text, NAMED, ({ 0: whole, 1: name = '', 2: connection, index }) => {
      const start = index + whole.length
      if (text.startsWith(replacement, start)) return undefined
      const word = matchAt(WORD, text, start)?.replace(TRAILING_PUNCTUATION, '')
      if (word === undefined || !looksGenerated(word, connection !== undefined)) return undefined
      if (!isSensitiveName(text, index, name, sensitiveKeys)) return undefined
      return { start, end: start + word.length, replacement }
    })
  },
}
