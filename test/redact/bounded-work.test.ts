// What a value costs is bounded by the room of a record, whatever a client puts into the value.
import { describe, expect, it } from '@jest/globals'
import { createRedactor } from '#src/redact/redactor.js'
import { takesAtMostMs } from '../helpers/cpu-time.js'

const MAX_BYTES = 16 * 1024
const MB = 2 ** 20
/** A value that is examined as far as there is room takes some milliseconds, and one that is examined in full seconds. */
const MAX_MS = 250

const redactor = createRedactor({ redact: {}, pseudonymize: undefined, maxRecordBytes: MAX_BYTES })
const redact = (value: unknown) => redactor.redactValue(value, 'results')

const fill = (piece: string, length: number) => piece.repeat(Math.ceil(length / piece.length))
const list = (bytes: number, text: string) =>
  Array.from({ length: Math.ceil(bytes / text.length) }, () => text)

describe('a value of 8 MB costs no more than its beginning', () => {
  it.each<[string, unknown]>([
    ['JSON texts with a long secret', list(8 * MB, `{"password":"${fill('x', 1000)}"}`)],
    ['JSON texts of blanks', list(8 * MB, `{${fill(' ', 1000)}}`)],
    ['JSON texts with a key many times', list(8 * MB, `{${fill('"a":"b=1",', 1000)}"a":1}`)],
    ['JSON texts of many levels', list(8 * MB, `${fill('[', 500)}${fill(']', 500)}`)],
    ['JSON texts with huge numbers', list(8 * MB, `[${fill('9', 1000)}]`)],
    ['JSON texts with a prototype', list(8 * MB, `{"__proto__":{${fill('"a":1,', 1000)}"token":"x"}}`)],
    [
      'JSON in JSON in JSON',
      list(8 * MB, JSON.stringify(JSON.stringify(JSON.stringify({ pin: fill('x', 999) })))),
    ],
    ['JSON texts that are not complete', list(8 * MB, `[{"password":"${fill('x', 1000)}…[+9 characters]`)],
    [
      'JSON texts as keys',
      Object.fromEntries(
        Array.from({ length: 8000 }, (_, id) => [`{"password":"${id}${fill('x', 1000)}"}`, 1]),
      ),
    ],
    ['one JSON text of many levels', `${fill('[', 4 * MB)}${fill(']', 4 * MB)}`],
    ['one JSON text with a long secret', `{"password":"${fill('x', 8 * MB)}"}`],
  ])('%s', (_title, value) => {
    expect(takesAtMostMs(MAX_MS, () => redact(value))).toBe(true)
    const { content, isTruncated } = redact(value)
    expect(isTruncated).toBe(true)
    expect(JSON.stringify(content).length).toBeLessThan(6 * MAX_BYTES)
  })
})

it('a list of JSON texts that fits is redacted to its end', () => {
  const texts = Array.from({ length: 100 }, (_, id) => JSON.stringify({ id, password: 'geheim' }))
  const redacted = Array.from({ length: 100 }, (_, id) => JSON.stringify({ id, password: '[REDACTED]' }))
  expect(redact(texts)).toMatchObject({ content: redacted, isTruncated: false })
})
