// Parameters of a segment of a path end with the segment (RFC 3986, section 3.3).
import { expect, it } from '@jest/globals'
import { takesAtMostMs } from '../../helpers/cpu-time.js'
import { kwargsOf, lineOf, urlOf } from '../redacted-parts.js'

it.each([
  ['/a;x.token=S1/patients/P-1002003/delete', '/a;x.token=[REDACTED]/patients/P-1002003/delete'],
  ['/patients;pw=/P-1/delete/all?x=1', '/patients;pw=[REDACTED]/P-1/delete/all?x=1'],
  ['/x/password=/delete', '/x/password=[REDACTED]/delete'],
  ['/a;token=S1/c;pw=T1/d?token=U/V', '/a;token=[REDACTED]/c;pw=[REDACTED]/d?token=[REDACTED]'],
  ['/a;token=S1/pw=T1?q=1', '/a;token=[REDACTED]/pw=[REDACTED]?q=1'],
  ['/cb#access_token=a/b', '/cb#access_token=[REDACTED]'],
])('shows the path behind a parameter of a segment: %s', (url, redacted) => {
  expect(urlOf(url)).toBe(redacted)
})

it('takes a time that grows linearly with the number of parameters', () => {
  const url = `/a;${'pw=x/'.repeat(20_000)}`
  expect(takesAtMostMs(1000, () => urlOf(url))).toBe(true)
})

it.each(['hidden (PII)', 'a b'])('writes a replacement with a space once, in URLs and texts: %s', (text) => {
  const options = { redact: { replacement: () => text } }
  const line = lineOf('url', 'https://example.org/x?token=geheim&a=1', options)
  expect(JSON.parse(line).audit.http_request.url).toBe(`https://example.org/x?token=${text}&a=1`)
  const note = { note: 'see https://example.org/x?token=geheim', form: 'token=geheim' }
  expect(kwargsOf(note, options)).toEqual({
    note: `see https://example.org/x?token=${text}`,
    form: `token=${text}`,
  })
})
