// Every row of the table, in every part of a record.
import { describe, expect, it } from '@jest/globals'
import { VENDOR_KEY_FORMATS } from '#src/redact/detectors/vendor-key-formats.js'
import { parseShape, vendorKeys } from '#src/redact/detectors/vendor-keys.js'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { runDetectors } from '#src/redact/texts/run-detectors.js'
import { createTextContext } from '#src/redact/values/create-text-context.js'
import { takesAtMostMs } from '../../helpers/cpu-time.js'
import { repetitions } from '../../helpers/slow.js'
import { VENDOR_KEY_LOOK_ALIKES, VENDOR_KEY_NAMES, VENDOR_KEYS } from '../corpus/vendor-keys.js'
import { headersOf, kwargsOf, lineOf, urlOf } from '../redacted-parts.js'

const context = createTextContext(createSensitiveKeys({}), '[REDACTED]')
const encode = encodeURIComponent

describe('a key in the format of its vendor', () => {
  it.each(VENDOR_KEYS)('is hidden as a value, a key and in a text: %s', (_title, key) => {
    expect(
      kwargsOf({
        remark: key,
        [key]: 1,
        list: [key],
        text: `It was ${key}, which expired.`,
        quoted: `"${key}"`,
      }),
    ).toEqual({
      remark: '[REDACTED]',
      '[REDACTED]': 1,
      list: ['[REDACTED]'],
      text: 'It was [REDACTED], which expired.',
      quoted: '"[REDACTED]"',
    })
  })

  it.each(VENDOR_KEYS)('is hidden in URLs: %s', (_title, key) => {
    expect(urlOf(`https://example.org/x?ref=${encode(key)}&page=2`)).toBe(
      `https://example.org/x?ref=${encode(key) === key ? '[REDACTED]' : encode('[REDACTED]')}&page=2`,
    )
    expect(urlOf(`https://example.org/x?ref=${encode(` ${key}`)}`)).not.toContain(encode(key))
    const isPathSegment = /^[\w.~-]+$/.test(key)
    // A key in base64 may have a slash, so what follows may belong to it.
    if (isPathSegment) expect(urlOf(`/persons/${key}/edit`)).toMatch(/^\/persons\/\[REDACTED](?:\/edit)?$/)
  })

  it.each(VENDOR_KEYS)('is hidden in headers and in JSON within a text: %s', (_title, key) => {
    expect(headersOf({ 'X-Ref': key, Location: `/y?ref=${encode(key)}` })).toEqual({
      'X-Ref': '[REDACTED]',
      Location: `/y?ref=${encode(key) === key ? '[REDACTED]' : encode('[REDACTED]')}`,
    })
    const json = JSON.stringify({ remark: `a\n${key}` })
    for (const value of [json, JSON.stringify(json), `Got: ${json}`, `Got: ${JSON.stringify(json)}`])
      expect(lineOf('kwargs', { value })).not.toContain(key)
  })

  it.each(VENDOR_KEYS)('is hidden once, also if the text is redacted again: %s', (_title, key) => {
    for (const text of [
      key,
      `a ${key} b`,
      `${key},${key}`,
      `token=${key}; x=${key}`,
      `https://x.example/?a=${key}`,
    ]) {
      const redacted = runDetectors(text, context)
      expect(redacted).not.toContain(key)
      expect(redacted).not.toContain('[REDACTED][REDACTED]')
      expect(runDetectors(redacted, context)).toBe(redacted)
    }
  })

  it('is hidden at the end of a truncated text, where a part of it is missing', () => {
    const text = `x ${'ghp_'}${'aB3dE6gH9jK2'}…[+24 characters]`
    expect(runDetectors(text, context)).toBe('x [REDACTED]…[+24 characters]')
  })

  it.each(['ghp', 'npm', 'hf', 'glpat', 'sk-ant-api03'])(
    'is hidden if it is shorter than usual: %s',
    (prefix) => {
      const separator = prefix.includes('gl') || prefix.includes('sk') ? '-' : '_'
      expect(runDetectors(`x ${prefix}${separator}Kq7Zx2Wm9Vt4LpRb6Nd`, context)).toBe('x [REDACTED]')
    },
  )
})

describe('a text that resembles a key', () => {
  it.each(VENDOR_KEY_LOOK_ALIKES)('stays as it is: %s', (text) => {
    expect(vendorKeys.redact(text, context)).toBe(text)
    expect(kwargsOf({ remark: text, note: `See ${text} there` })).toEqual({
      remark: text,
      note: `See ${text} there`,
    })
  })

  it.each(VENDOR_KEY_NAMES)(
    'stays as it is if words in small letters follow the prefix: %s',
    (_title, name) => {
      for (const text of [name, `See ${name} there`]) expect(vendorKeys.redact(text, context)).toBe(text)
    },
  )

  it.each(VENDOR_KEY_LOOK_ALIKES.filter((text) => /^[\w.~-]+$/.test(text)))('stays in a URL: %s', (text) => {
    const url = `https://example.org/persons/${text}?ref=${text}`
    expect(urlOf(url)).toBe(url)
  })

  it('is one of the table with a letter or a digit in front of it', () => {
    for (const [, key] of VENDOR_KEYS.filter(([, key]) => /^[a-z]/i.test(key)))
      if (!/[.:~]/.test(key)) expect(vendorKeys.redact(`a${key}`, context)).toBe(`a${key}`)
  })
})

describe('the table', () => {
  it.each(['base62:32', 'alnum:8 . hexx:32', 'alnum32', 'token', 'base64', 'alnum:8+ _ Alnum:24'])(
    'accepts no unknown alphabet and no run without a length: %s',
    (shape) => {
      expect(() => parseShape(shape)).toThrow(/unknown alphabet|no run/)
    },
  )

  it('has no format twice', () => {
    const titles = VENDOR_KEY_FORMATS.flatMap(({ prefixes, shape }) =>
      prefixes.map((prefix) => `${prefix} ${shape}`),
    )
    expect(new Set(titles).size).toBe(titles.length)
  })

  it('has a source for each format', () => {
    for (const { source } of VENDOR_KEY_FORMATS) expect(new URL(source).protocol).toBe('https:')
  })

  it('has no prefix that a pattern would have to search everywhere', () => {
    for (const { prefixes, before } of VENDOR_KEY_FORMATS)
      for (const prefix of prefixes) expect(prefix.length > 1 || before !== undefined).toBe(true)
  })
})

/** Prefixes whose body is long and may contain what precedes another prefix. */
const SLOWEST = [
  'aQ1AQE=',
  'aQ1AQE+',
  '0.AaQ1-',
  'AQXaQ1-',
  'EAAaQ1-',
  'sk.eyJ',
  '.atlasv1.',
  ':AA',
  '-us12',
  'xoxe.xoxb-',
]

describe('the time grows linearly with the text', () => {
  const LENGTH = 100_000
  const pieces = VENDOR_KEYS.flatMap(([, key]) => [key, key.slice(0, -1), `${key}_`, key.slice(0, 12)])
  const prefixes = VENDOR_KEY_FORMATS.flatMap((format) => format.prefixes)
  const some = prefixes.filter((_, index) => index % repetitions(10, 1) === 0)

  it.each([...some, ...some.map((prefix) => `aQ1${prefix}-`), ...SLOWEST])(
    '100,000 characters of %s',
    (piece) => {
      const text = piece.repeat(Math.ceil(LENGTH / piece.length))
      expect(takesAtMostMs(1500, () => runDetectors(`x ${text}…[+9 characters]`, context))).toBe(true)
    },
  )

  it('for keys, complete or not', () => {
    const text = pieces.map((piece) => `${piece} `.repeat(10)).join('')
    expect(takesAtMostMs(3000, () => vendorKeys.redact(text, context))).toBe(true)
  })

  it('without overflowing the stack of the pattern', () => {
    for (const piece of ['aA1', 'a1=', 'aA1.', 'aA1_'])
      for (const prefix of ['glpat-', 'EAA', 'AQE'])
        expect(() =>
          vendorKeys.redact(prefix + piece.repeat(8_000_000 / piece.length), context),
        ).not.toThrow()
  })
})
