// The quick check for the URLs of requests remembers an origin. What it remembers must never change a record.
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { SecretCollector } from '#src/redact/found/found-secrets.js'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { createHarmlessUrlCheck, createPlainUrlCheck } from '#src/redact/urls/harmless-urls.js'
import { isKnownHarmless, redactUrl } from '#src/redact/urls/redact-url.js'
import { createTextContext } from '#src/redact/values/create-text-context.js'
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

describe('a URL by origin and target', () => {
  it.each([
    ['the beginning of a path as the origin', '/reset', '/x7Gh29kq8Lm2pQ9z4Rt6'],
    ['no origin', '', '/persons'],
    ['another scheme', 'ftp://example.org', '/persons'],
    ['a secret in the origin', 'http://4111111111111111.example', '/persons'],
    ['user info', 'http://user:geheim@example.org', '/persons'],
    ['a long target', ORIGIN, `/${'a/'.repeat(1100)}`],
    ['a second slash', ORIGIN, '//persons'],
    ['a sensitive parameter', ORIGIN, '/persons?lang=nl&token=7'],
    ['a sensitive parameter behind one without a value', ORIGIN, '/persons?lang&token=7'],
    ['a quote', ORIGIN, '/"'],
  ])('is not known to be harmless with %s', (_, origin, target) => {
    const isPlain = createPlainUrlCheck(keys)
    expect(isPlain(ORIGIN, '/persons?lang=nl')).toBe(true)
    expect(isPlain(origin, target)).toBe(false)
  })

  it('is not known to be harmless with a key of the options as its first parameter', () => {
    expect(createPlainUrlCheck(createSensitiveKeys({ keys: ['lang'] }))(ORIGIN, '/?lang=nl')).toBe(false)
  })

  it('has no secret, as far as the redactor of URLs knows', () => {
    const word = fc.oneof(
      fc.constantFrom('reset', 'token', 'hooks', 'services', 'T0000', 'q', '.', '~', SECRET, 'x7Gh29kq8Lm2p'),
      fc.stringMatching(/^[\w-]{1,13}$/),
    )
    const target = fc
      .array(fc.tuple(fc.constantFrom('/', '/', '?', '&', '='), word), { maxLength: 6 })
      .map((pieces) => `/${pieces.flat().join('')}`)
    const origin = fc.constantFrom(ORIGIN, 'http://hooks.slack.com', 'https://token.example:443', '/reset')
    fc.assert(
      fc.property(origin, target, (place, text) => {
        if (!createPlainUrlCheck(keys)(place, text)) return
        const secrets = new SecretCollector()
        expect(redactUrl(place + text, createTextContext(keys, '[REDACTED]', secrets))).toBe(place + text)
        expect(secrets.secrets).toEqual([])
      }),
      { numRuns: repetitions(2000, 20_000) },
    )
  })
})
