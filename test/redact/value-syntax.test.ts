// The scanner that all detectors of named values use, by itself.
import { describe, expect, it } from '@jest/globals'
import { scanValue } from '#src/redact/detectors/shared/value-syntax.js'
import { takesAtMostMs } from '../helpers/cpu-time.js'

describe('scanValue finds the end of a value', () => {
  it.each([
    ['geheim', ' x'],
    ['"a b"', ', x'],
    ["'it''s'", ' x'],
    ["'it'\\''s'", ' x'],
    ["N'a b'", ' x'],
    ['r#"a "b" c"#', '; x'],
    ['"""a "b" c"""', ' x'],
    ['\\"a b\\"', ',\\"x\\"'],
    ['\\"a \\\\\\"b\\\\\\" c\\"', ',\\"x\\"'],
    ['\\u0022a b\\u0022', ',x'],
    ['&quot;a b&quot;', ',x'],
    ['“a b”', ' x'],
    ['„a b“', ' x'],
    ['$$a b$$', ' x'],
    ['$tag$a $$ b$tag$', ' x'],
    ['["a", "b]"]', ', x'],
    ['{"a":{"b":"}"}}', ', x'],
    ['Some("a b")', ', x'],
    ['String::from("a").into("b")', '; x'],
    ['new Password("a b")', '; x'],
    ['Set(1) { "a b" }', ' x'],
    ['[]string{"a b"}', ' x'],
    ['string(3) "a b"', '\n x'],
    ['"a" + "b c"', '; x'],
    ['Basic YTpi', ' x'],
    ['$argon2id$v=19$m=1,t=3$c2FsdA$aGFzaA', ' x'],
  ])('%s', (value, rest) => {
    expect(scanValue(`${value}${rest}`, 0)?.end).toBe(value.length)
  })

  it.each(['"a b', "'a", '["a", (b', 'Some("a', '“a', '\\"a'])(
    'at the end of the text, if it is not closed: %s',
    (value) => {
      expect(scanValue(value, 0)?.end).toBe(value.length)
    },
  )

  it.each(['', ' ', ',a', ')', '&a'])('and returns undefined without a value: %j', (text) => {
    expect(scanValue(text, 0)).toBeUndefined()
  })
})

const LENGTH = 1_000_000
const MAX_MS = 1000

it.each(['(', '[', '{', '"', "'", "''", '\\', '\\"', 'a', 'a(', 'a.', '“', '«', '&quot;', '"a"+', '$', '$$'])(
  'scanValue reads 1 MB of %j in a time that grows linearly',
  (piece) => {
    const text = piece.repeat(LENGTH / piece.length)
    for (const begin of ['', '"', '(', 'f('])
      expect(takesAtMostMs(MAX_MS, () => scanValue(`${begin}${text}`, 0))).toBe(true)
  },
)
