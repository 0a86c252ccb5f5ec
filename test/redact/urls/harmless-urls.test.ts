// The quick check for the URLs of requests remembers an origin. What it remembers must never change a record.
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { createHarmlessUrlCheck } from '#src/redact/urls/harmless-urls.js'
import { isKnownHarmless } from '#src/redact/urls/redact-url.js'
import { repetitions } from '../../helpers/slow.js'
import { CARD_NUMBERS } from '../corpus/payment-cards.js'
import { JWT, SECRET } from '../secret-corpus.js'

const ORIGIN = 'https://api.example.org'
const keys = createSensitiveKeys({})

/** Whether a URL is known to be harmless, when the origin is already remembered. */
function isHarmlessAfterOthers(url: string): boolean {
  const isHarmless = createHarmlessUrlCheck(keys)
  expect(isHarmless(`${ORIGIN}/health`)).toBe(true)
  return isHarmless(url)
}

describe('a URL behind a remembered origin', () => {
  it.each([
    ...CARD_NUMBERS.map(([, digits]) => digits),
    ...[SECRET, JWT, `abc.${SECRET}`, 'a1b2c3d4e5f6a7b8', 'token'],
  ])('is not harmless with the secret %s', (secret) => {
    for (const target of [`/cards/${secret}`, `/x?ref=${secret}`, `/reset/${secret}`, `/x?token=${secret}`])
      if (!isKnownHarmless(`${ORIGIN}${target}`, keys))
        expect(isHarmlessAfterOthers(`${ORIGIN}${target}`)).toBe(false)
  })

  it('gives the result that it gives alone', () => {
    const word = fc.constantFrom(
      ...[
        'cards',
        'reset',
        '378282246310005',
        '30569309025904',
        'a1b2c3d4e5f6a7b8',
        'x',
        '~',
        '.',
        'token',
        'q',
      ],
    )
    const target = fc
      .array(fc.tuple(fc.constantFrom('/', '/', '?', '&', '=', '-'), word), { maxLength: 6 })
      .map((pieces) => `/${pieces.flat().join('')}`)
    fc.assert(
      fc.property(target, (text) => {
        const url = `${ORIGIN}${text}`
        // `false` means unknown, so only a URL that may have a secret must never be called harmless.
        if (isHarmlessAfterOthers(url)) expect(isKnownHarmless(url, keys)).toBe(true)
      }),
      { numRuns: repetitions(2000, 20_000) },
    )
  })
})
