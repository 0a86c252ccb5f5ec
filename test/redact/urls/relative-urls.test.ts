// A handler may set a URL without an origin: `req.audit.setHttpRequest({ method, url: req.url })`.
import { expect, it } from '@jest/globals'
import { urlOf } from '../redacted-parts.js'

const SECRET = 'x7Gh29kq8Lm2pQ9z4Rt6'

it.each([
  ...['reset', 'reset-password', 'verify', 'invite', 'token', 'session', 'share', 'magic-link'].map(
    (word) => `/${word}/`,
  ),
  '/reset/7/',
  '/reset/abc/../',
])('a secret behind %s is redacted', (path) => {
  expect(urlOf('/reset/abc')).toBe('/reset/abc')
  expect(urlOf(`${path}${SECRET}`)).toBe(`${path}[REDACTED]`)
})
