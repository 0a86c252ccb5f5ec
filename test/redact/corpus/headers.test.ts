// Response headers with a secret, and what of them stays readable.
import { expect, it } from '@jest/globals'
import { headersOf, lineOf } from '../redacted-parts.js'
import { expectNoPieceOf } from '../secret-pieces.js'

const SECRET = 'Kq7Zx2Wm9Vt4LpRb6Nd'

/** Each value with `S` for the secret, which is replaced by `[REDACTED]`. */
const SECRETS: readonly (readonly [name: string, value: string])[] = [
  ['link', '<https://example.org/?page=1&token=S>; rel="next", <https://example.org/?page=9>; rel="last"'],
  ['link', '</?page=1&token=S>; rel="prev", </?page=3&token=S>; rel="next"; title="a, b"'],
  ['link', '<https://example.org/reset/S>; rel=preload; as=style'],
  ['refresh', '5; url=https://example.org/?token=S&a=1'],
  ['refresh', '0;URL=/cb?token=S'],
  ['refresh', "5; url='/cb?token=S'"],
  ['location', 'https://example.org/cb?a=1&token=S#top'],
  ['location', '/cb#access_token=S&token_type=bearer'],
  ['content-location', '/reset/S?lang=nl'],
  ['sourcemap', '/app.js.map?token=S'],
  ['content-security-policy', "default-src 'self'; report-uri /csp?token=S; script-src 'nonce-a1b2c3d4'"],
  ['content-security-policy', "report-uri https://example.org/csp?token=S;script-src 'self'"],
  ['reporting-endpoints', 'default="https://example.org/r?token=S", csp="https://example.org/csp"'],
  ['set-cookie', 'sid="S"; Path=/; HttpOnly'.replace('"S"', 'S')],
  ['set-cookie', 'a=S; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/, b=S; Secure'],
  ['set-cookie', 'a=S, b=S; Path=/; SameSite=Lax'],
  ['set-cookie', 'a=S; Path=/,b=S'],
  ['www-authenticate', 'Negotiate S'],
]

/** Nothing of these may be shown, and only the name or the attributes remain. */
const QUOTED_COOKIES: readonly (readonly [value: string, redacted: string])[] = [
  [`a="x; ${SECRET}"; Path=/`, 'a=[REDACTED]; Path=/'],
  [`a="x, b=${SECRET}"; Path=/`, 'a=[REDACTED]; Path=/'],
  [`a="x; ${SECRET}`, 'a=[REDACTED]'],
  [`a="x; y"${SECRET}; Path=/`, 'a=[REDACTED]; Path=/'],
  [`a="1; 2"; Path=/, b="${SECRET}; 4"; Secure`, 'a=[REDACTED]; Path=/, b=[REDACTED]; Secure'],
  [`a=x=${SECRET}; Path=/`, 'a=[REDACTED]; Path=/'],
  [`${SECRET}; Path=/`, '[REDACTED]; Path=/'],
]

const HARMLESS: Readonly<Record<string, string>> = {
  link: '<https://example.org/?page=2>; rel="next", <https://example.org/?page=9>; rel="last"; title="a; b, c"',
  refresh: '5; url=https://example.org/persons?page=2',
  location: 'https://example.org/persons?page=2#top',
  'alt-svc': 'h3=":443"; ma=86400, h3-29="alt.example.org:443"; ma=86400; persist=1',
  'report-to': '{"group":"default","max_age":10886400,"endpoints":[{"url":"https://example.org/reports"}]}',
  nel: '{"report_to":"default","max_age":2592000,"include_subdomains":true}',
  'reporting-endpoints': 'default="https://example.org/reports", csp="/csp?site=a"',
  'content-security-policy':
    "default-src 'self'; script-src 'self' 'nonce-rAnd0m' https://cdn.example.org; img-src * data:; report-uri /csp",
  'content-disposition': 'attachment; filename="report; 2026.pdf"; filename*=UTF-8\'\'report%3B%202026.pdf',
  etag: 'W/"7f3a9c1e5b2d80647f3a9c1e5b2d8064"',
  'www-authenticate':
    'Bearer realm="api", error="invalid_token", error_description="The access token expired", scope="read write"',
  'proxy-authenticate': 'Basic realm="proxy", charset="UTF-8"',
  'permissions-policy': 'geolocation=(self "https://example.org"), camera=()',
  'server-timing': 'db;dur=53.2, app;dur=47.2;desc="token check"',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'accept-ch': 'Sec-CH-UA, DPR',
  vary: 'Accept, Cookie',
  'access-control-allow-headers': 'Authorization, X-Api-Key, Content-Type',
  'access-control-expose-headers': 'X-Request-Id, ETag',
  'x-ratelimit-limit': '100;w=60',
  via: '1.1 varnish (Varnish/6.0), 1.1 proxy:8080',
  'x-cache': 'HIT from proxy:3128',
  date: 'Tue, 24 Nov 2026 09:30:00 GMT',
  'content-type': 'multipart/form-data; boundary=----a1b2c3d4',
  'cache-control': 'private, max-age=0, stale-while-revalidate=60',
}

it.each(SECRETS)('%s: %s', (name, value) => {
  const header = { [name]: value.replaceAll(/\bS\b/g, SECRET) }
  expect(headersOf(header)).toEqual({ [name]: value.replaceAll(/\bS\b/g, '[REDACTED]') })
})

it.each(QUOTED_COOKIES)('set-cookie: %s', (value, redacted) => {
  expectNoPieceOf(SECRET, lineOf('headers', { 'set-cookie': value }))
  expect(headersOf({ 'set-cookie': value })).toEqual({ 'set-cookie': redacted })
})

it.each(Object.entries(HARMLESS))('stays readable: %s: %s', (name, value) => {
  expect(headersOf({ [name]: value })).toEqual({ [name]: value })
})

it('shows headers that switch something on or count tokens', () => {
  const headers = {
    'access-control-allow-credentials': 'true',
    'x-ratelimit-limit-tokens': '100000',
    'x-request-cost-tokens': '12',
  }
  expect(headersOf(headers)).toEqual(headers)
})

it.each(['authentication-info', 'proxy-authentication-info'])(
  'hides proofs and the next nonce: %s',
  (name) => {
    const header = { [name]: 'nextnonce="5ccc069c403ebaf9", qop=auth, rspauth="6629fae49393a053"' }
    expect(headersOf(header)).toEqual({ [name]: '[REDACTED]' })
  },
)
