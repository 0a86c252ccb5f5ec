import { describe, expect, it } from '@jest/globals'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { runDetectors } from '#src/redact/texts/run-detectors.js'
import { createTextContext } from '#src/redact/values/create-text-context.js'
import { takesAtMostMs } from '../../helpers/cpu-time.js'
import { CARD_LOOK_ALIKES, CARD_NUMBERS, inGroups } from '../corpus/payment-cards.js'
import { headersOf, kwargsOf, lineOf, urlOf } from '../redacted-parts.js'

const context = createTextContext(createSensitiveKeys({}), '[REDACTED]')

describe('the number of a payment card', () => {
  it.each(CARD_NUMBERS)('is hidden in texts, in groups or not: %s %s', (_brand, digits) => {
    for (const number of [digits, inGroups(digits, ' '), inGroups(digits, '-'), inGroups(digits, '\u00a0')]) {
      expect(
        kwargsOf({ remark: number, text: `Paid with ${number}, exp. 12/27.`, [`x ${number}`]: 1 }),
      ).toEqual({
        remark: '[REDACTED]',
        text: 'Paid with [REDACTED], exp. 12/27.',
        'x [REDACTED]': 1,
      })
      expect(runDetectors(`${number} 12/27 123`, context)).toBe('[REDACTED] 12/27 123')
      expect(runDetectors(`in 2026 ${number} was used`, context)).toBe('in 2026 [REDACTED] was used')
    }
  })

  it.each(CARD_NUMBERS)('is hidden in URLs and headers: %s %s', (_brand, digits) => {
    expect(urlOf(`/cards/${digits}?q=${digits}&page=2`)).toBe('/cards/[REDACTED]?q=[REDACTED]&page=2')
    for (const separator of ['%20', '+', '-']) {
      const url = urlOf(`/cards?q=${inGroups(digits, separator)}&page=2`)
      expect(url).toContain('REDACTED')
      expect(url).not.toContain(digits.slice(0, 4))
    }
    expect(headersOf({ 'X-Remark': `card ${digits}` })).toEqual({ 'X-Remark': 'card [REDACTED]' })
  })

  it('is hidden if it is a number or a bigint', () => {
    for (const [, digits] of CARD_NUMBERS.filter(([, { length }]) => length <= 16))
      expect(kwargsOf({ remark: Number(digits), list: [BigInt(digits)], rest: 42 })).toEqual({
        remark: '[REDACTED]',
        list: ['[REDACTED]'],
        rest: 42,
      })
  })

  it('is hidden in JSON within a text, as a number too', () => {
    expect(lineOf('results', '{"remark":4111111111111111}')).not.toContain('4111111111111111')
    expect(lineOf('results', 'Got {"remark":4111111111111111,')).not.toContain('4111111111111111')
    expect(lineOf('results', { body: 'line\\n4111111111111111\\n' })).not.toContain('4111111111111111')
  })

  it('is recorded with redact: false', () => {
    expect(kwargsOf({ remark: 4111111111111111 }, { redact: false })).toEqual({ remark: 4111111111111111 })
  })

  it.each(['4111 ', '4111-', '4111111111111111 ', '41111111111111111', 'AB12 4111 ', '4 '])(
    'is looked for in a time that grows linearly with the text: %j',
    (piece) => {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length))
      expect(takesAtMostMs(3000, () => runDetectors(text, context))).toBe(true)
    },
  )
})

describe('a number that is not that of a payment card', () => {
  it.each(CARD_LOOK_ALIKES)('stays as it is: %s', (text) => {
    expect(kwargsOf({ remark: text, note: `It was ${text}, and so on` })).toEqual({
      remark: text,
      note: `It was ${text}, and so on`,
    })
  })

  it('stays as it is if it is no text', () => {
    const numbers = [
      1764300000000, 1764300000000000, 4111111111111112, 490154203237518, -4111111111111111, 1e21, 4.5,
    ]
    expect(kwargsOf({ numbers })).toEqual({ numbers })
  })
})
