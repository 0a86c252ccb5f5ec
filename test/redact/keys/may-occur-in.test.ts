import { expect, it } from '@jest/globals'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { KEY_GROUPS, wordsOf } from '#src/redact/keys/words/default-words.js'
import { takesAtMostMs } from '../../helpers/cpu-time.js'

const sensitiveKeys = createSensitiveKeys({ keys: ['bsn'] })

const WORDS = KEY_GROUPS.filter(({ onlyInUrls }) => !onlyInUrls).flatMap(wordsOf)

/** Spellings of a key, in the places of a text in which detectors read names. */
function textsWith(word: string): string[] {
  const parts = word.split('-')
  const capitals = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1))
  const spellings = [
    ...[parts.join(''), parts.join('_'), parts.join(' '), capitals.join(''), capitals.join('-')],
    ...[`${parts.join('_')}s`, `${parts.join('')}2`, `my${capitals.join('')}`, `${parts.join('_')}_confirm`],
    parts.join('').toUpperCase(),
    [...parts.join('')].join('_'),
  ]
  const names = spellings.filter((name) => sensitiveKeys.isSensitive(name))
  return names.flatMap((name) => [`${name}=1`, `{"${name}":1}`, `a[${name}] is 1`, `x <${name}>1`])
}

it.each(WORDS)('every text with the sensitive key %s may have a name', (word) => {
  const texts = textsWith(word)
  expect(texts.filter((text) => !sensitiveKeys.mayOccurIn(text))).toEqual([])
})

it('knows the keys of the options, in any script', () => {
  expect(sensitiveKeys.mayOccurIn('the BSN is 1')).toBe(true)
  expect(sensitiveKeys.mayOccurIn('naïve: 1')).toBe(true)
  expect(createSensitiveKeys({}).mayOccurIn('the BSN is 1')).toBe(false)
})

it('knows that most texts have no name', () => {
  const texts = [
    "Cannot read properties of undefined (reading 'id')",
    "default-src 'self';base-uri 'self';font-src 'self' https: data:",
    'Een korte omschrijving van dit object: rood, groot.',
    'https://data.example.org/persons/7?lang=nl&page=2',
  ]
  expect(texts.filter((text) => sensitiveKeys.mayOccurIn(text))).toEqual([])
})

it.each(['y    '.repeat(200_000), 'd_r_o_w_s_s_a_x_'.repeat(60_000), ' '.repeat(1_000_000)])(
  'is linear in the length of the text',
  (text) => expect(takesAtMostMs(500, () => sensitiveKeys.mayOccurIn(text))).toBe(true),
)
