import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { redactUrl } from '#src/redact/urls/redact-url.js'
import { createTextContext } from '#src/redact/values/create-text-context.js'
import { repetitions } from '../../helpers/slow.js'

const customContext = createTextContext(
  createSensitiveKeys({ keys: ['bsn', 'http'], allowKeys: ['csrfToken'] }),
  '[REDACTED]',
)
const defaultContext = createTextContext(createSensitiveKeys({}), '[REDACTED]')

const word = fc.constantFrom(
  ...[
    'lang',
    'token',
    'a.token',
    'code',
    'csrfToken',
    'no-auth',
    'auth',
    'state',
    'bsn',
    'x',
    '',
    '-',
    'null',
    'eyJhbGciOiJIUzI1NiJ9.e30.abc',
  ],
)
const separator = fc.constantFrom('/', '?', '&', '=', '.', ':', ':8080', '//', '~', '-', '')
const url = fc
  .tuple(
    fc.constantFrom('', 'http://', 'https://', 'HTTP://', '/', '?', '//'),
    fc.array(fc.tuple(word, separator), { maxLength: 8 }),
  )
  .map(([start, pieces]) => start + pieces.flat().join(''))
  // Behind these the comma would be a value, or would make a secret of a word for nothing.
  .filter((url) => !/[:=](?:null|undefined|none|nil|true|false)?$/i.test(url))

describe('redactUrl', () => {
  it.each([
    ['/a;x.token=1/patients/P-1/delete', '/a;x.token=[REDACTED]/patients/P-1/delete'],
    ['/patients;pw=/P-1/all?x=1', '/patients;pw=[REDACTED]/P-1/all?x=1'],
    ['/x/password=/delete', '/x/password=[REDACTED]/delete'],
    ['/a;jsessionid=S1/b;token=S2?q=1', '/a;jsessionid=[REDACTED]/b;token=[REDACTED]?q=1'],
    ['/a?token=S/b&q=1', '/a?token=[REDACTED]&q=1'],
  ])('a matrix parameter ends with its segment: %s', (url, redacted) => {
    expect(redactUrl(url, defaultContext)).toBe(redacted)
  })

  it('redacts a sensitive parameter within a parameter', () => {
    const redacted = redactUrl('https://example.org/?next=token=geheim', defaultContext)
    expect(redacted).not.toContain('geheim')
  })

  it('redacts a code within a parameter only if its context shows a login', () => {
    expect(redactUrl('https://example.org/?next=code=geheim', defaultContext)).toContain('geheim')
    expect(redactUrl('https://example.org/?next=code=SplxlOBe2%26state=a', defaultContext)).not.toContain(
      'SplxlOBe2',
    )
  })

  it('does not throw at a lone surrogate beside a nested secret', () => {
    const redacted = redactUrl('/x?next=%2Fcb%3Ftoken%3Dgeheim%26q%3D\ud800', defaultContext)
    expect(decodeURIComponent(redacted)).toBe('/x?next=/cb?token=[REDACTED]&q=\ufffd')
  })

  // A URL with a comma never takes the fast path, and the comma does not change how the rest is redacted.
  it.each([
    ['custom keys', customContext],
    ['the default keys', defaultContext],
  ])('gives the same result with and without the fast path: %s', (_case, context) => {
    fc.assert(
      fc.property(url, (url) => {
        expect(redactUrl(url, context)).toBe(redactUrl(`${url},`, context).replace(/,$/, ''))
      }),
      { numRuns: repetitions(1000, 8000) },
    )
  })
})
