// A pattern that repeats a group pushes a state for each repetition: beyond some megabytes the stack of the engine overflows,
// and `exec` throws a RangeError. Parts of a record are cut to maxRecordBytes before they are searched, but that may be large.
import { describe, expect, it } from '@jest/globals'
import { DETECTORS } from '#src/redact/detectors/index.js'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { createRedactor } from '#src/redact/redactor.js'
import { parseJson } from '#src/redact/texts/parse-json.js'
import { redactText } from '#src/redact/texts/redact-text.js'
import { redactUrl } from '#src/redact/urls/redact-url.js'
import { createTextContext } from '#src/redact/values/create-text-context.js'
import { isSlowRun } from '../helpers/slow.js'

const LENGTH = 8 * 2 ** 20
const context = createTextContext(createSensitiveKeys({}), '[REDACTED]')
const fill = (piece: string) => piece.repeat(Math.ceil(LENGTH / piece.length))

/** Each repeats what the body of one repeated group can match. */
const QUICK: readonly string[] = [`<a ${fill('a"b"')}`, `/${fill('a/')}`]
const SLOW: readonly string[] = [
  `{"password":"${fill('\\"')}`,
  `x digest ${fill('a="b",')}`,
  `<password>${fill('a<b')}`,
  `?a=${fill('a?b')}`,
  ` password="""${fill('a"b')}`,
  ` password='${fill("\\'")}`,
  ` password=&quot;${fill('a&b')}`,
  ` password=${fill('(a)')}`,
  ` password=[${fill('"a",')}`,
  `<password><![CDATA[${fill('a]')}`,
  `cookie: ${fill('a=b; ')}`,
  `["${fill('\\"')}`,
  `["${fill('a')}`,
  `/?a=${fill('%25%61')}`,
  `https://a?${fill(';b')}`,
  `password: |\n${fill('  a\n')}`,
  fill('eyJa.'),
  fill('https://a, '),
  fill('//a:b@'),
  fill('a:\n'),
  fill('-----BEGIN '),
]
const TEXTS = (isSlowRun ? [...QUICK, ...SLOW] : QUICK).map((text): [string, string] => [
  text.slice(0, 24),
  text,
])

describe('no pattern overflows its stack on 8 MB', () => {
  it.each(TEXTS)(
    '%j...',
    (_begin, text) => {
      for (const detector of DETECTORS) expect(() => detector.redact(text, context)).not.toThrow()
      expect(() => redactText(text, context)).not.toThrow()
      expect(() => redactUrl(text, context)).not.toThrow()
      expect(() => parseJson(`${text}…[+1 characters]`)).not.toThrow()
    },
    120_000,
  )
})

it('what is too large for one record is cut before it is searched', () => {
  const redactor = createRedactor({ redact: {}, pseudonymize: undefined, maxRecordBytes: 16 * 1024 })
  for (const [, text] of TEXTS) expect(redactor.redactValue([text], 'results').isTruncated).toBe(true)
})
