import { hasLongNumber } from '../texts/long-runs.js'
import type { Detector } from './detector.js'
import { isCardNumber } from './shared/card-number.js'
import { matchAt } from './shared/match-at.js'
import { replaceParts } from './shared/replace-parts.js'

/** Part of no longer word and no decimal fraction. An escape may stand in front: `%20`, `\n`. */
const NUMBER_BEGINS = String.raw`(?:(?<!\w|\d[.,])|(?<=%[0-9A-Fa-f]{2}|\\[nrt]))`
const NUMBER_ENDS = String.raw`(?![0-9A-Za-z_]|[.,]\d)`
/** Not the groups of an IBAN: two letters and two digits, then groups of four. */
const NOT_AN_IBAN = '(?<![A-Z]{2}[0-9]{2}[ -](?:[0-9A-Z]{4}[ -]){0,6})'
/** The digits with which the brands begin. */
const FIRST_DIGIT = '(?=[2-68])'

const SEPARATOR = String.raw`[ \xa0-]`
/** Where a number may begin: enough digits follow, with or without separators. */
const ENOUGH_DIGITS = String.raw`(?=\d{4}(?:\d{10}|${SEPARATOR}\d{4}))`
const CARD_START_SOURCE = `${FIRST_DIGIT}${NUMBER_BEGINS}${ENOUGH_DIGITS}${NOT_AN_IBAN}\\d`
const CARD_START = new RegExp(CARD_START_SOURCE, 'g')

/** The ways to write a number. Groups as on the cards: of four digits, and on some of four, six, and four or five. */
const CARD_FORMS = [
  String.raw`\d{14,19}`,
  String.raw`\d{4}(${SEPARATOR})\d{4}\1\d{4}\1\d{4}\1\d{3}`,
  String.raw`\d{4}(${SEPARATOR})\d{4}\1\d{4}\1\d{4}`,
  String.raw`\d{4}(${SEPARATOR})\d{6}\1\d{4,5}`,
].map((form) => new RegExp(`${form}${NUMBER_ENDS}`, 'y'))

const EIGHT_DIGITS = new RegExp(`[2-68]\\d{3}${SEPARATOR}?\\d{4}`)

export const paymentCards: Detector = {
  id: 'payment-cards',
  secret: 'The number of a payment card: digits of a known brand with a valid check digit, in groups or not',
  reason:
    'PCI DSS 4.0, requirements 3.4 and 3.5: numbers of cards must not be readable where they are shown or stored',
  visible: 'The text around the number',
  sources: [
    'https://www.pcisecuritystandards.org/document_library/',
    'https://www.iso.org/standard/70484.html',
  ],
  examples: [
    [`paid with ${'4111'} 1111 1111 1111, thanks`, 'paid with [REDACTED], thanks'],
    [`${'4111'}111111111111`, '[REDACTED]'],
    ['order 4111111111111112 of 2026-11-28', 'order 4111111111111112 of 2026-11-28'],
  ],
  // Simpler than where a number begins: hot path.
  markers: (text) => hasLongNumber(text) && EIGHT_DIGITS.test(text),
  standsAlone: true,
  redact(text, { replacement }) {
    return replaceParts(text, CARD_START, ({ index: start }) => {
      const card = findCardNumber(text, start)
      return card === undefined ? undefined : { start, end: start + card.length, replacement }
    })
  },
}

/** Returns the number of a card that begins at this index, with its separators. */
function findCardNumber(text: string, index: number): string | undefined {
  const numbers = CARD_FORMS.map((form) => matchAt(form, text, index))
  return numbers.find((number) => number !== undefined && isCardNumber(number.replace(/\D/g, '')))
}
