import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { Detector } from './detector.js'
import { type ErrorMessage, LIBRARY_ERROR_MESSAGES } from './library-error-messages.js'

const MESSAGES = LIBRARY_ERROR_MESSAGES.map((message) => ({
  marker: message.marker,
  pattern: compileMessage(message),
}))

export function compileMessage({ before, secret, after, flags = 'g' }: ErrorMessage): RegExp {
  return new RegExp(`(?<before>${before})(?<secret>${secret})(?<after>${after})`, flags)
}

export const libraryErrors: Detector = {
  id: 'library-errors',
  secret: 'Values that libraries and databases quote in the messages of their errors',
  reason: 'A body with a syntax error, or a value that is not unique, may be a password or a token',
  visible:
    'The message without the value. Values under harmless names stay, and so does HTML that was taken for JSON',
  sources: [...new Set(LIBRARY_ERROR_MESSAGES.map(({ source }) => source))],
  examples: [
    [
      'Unexpected token \'x\', ..."ord":"geheim"... is not valid JSON',
      'Unexpected token \'x\', ..."[REDACTED]"... is not valid JSON',
    ],
    ["Duplicate entry 'geheim' for key 'users.token'", "Duplicate entry '[REDACTED]' for key 'users.token'"],
    ['Failing row contains (1, geheim).', 'Failing row contains ([REDACTED]).'],
    ["Duplicate entry 'a@b.nl' for key 'users.email'", "Duplicate entry 'a@b.nl' for key 'users.email'"],
    [
      'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
      'Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
    ],
  ],
  markers: LIBRARY_ERROR_MESSAGES.map(({ marker }) => marker),
  redact(text, { sensitiveKeys, replacement }) {
    let redacted = text
    for (const { marker, pattern } of MESSAGES) {
      if (!text.includes(marker)) continue
      redacted = redacted.replace(pattern, (...match) => {
        const { before, after, name } = match.at(-1) as Record<string, string | undefined>
        const isSecret = name === undefined || isAnySensitive(name, sensitiveKeys)
        return isSecret ? `${before}${replacement}${after}` : (match[0] as string)
      })
    }
    return redacted
  },
}

/** Stands around the name of a column in the names of indexes and constraints: `token_UNIQUE`, `IX_users_token`. */
const AFFIXES = /^(?:uq|uk|uix|ux|idx|ix|pk|fk|unique)_+|(?<!_)_+(?:unique|uniq|key|idx|index|uk|uq|-?\d+)$/gi

function isAnySensitive(names: string, keys: SensitiveKeys): boolean {
  const parts = names.split(/[^\p{L}\p{N}_-]+|_-?1_/u).filter((part) => part !== '')
  return parts.some((part) => keys.isSensitive(part) || keys.isSensitive(part.replace(AFFIXES, '')))
}
