// Clients choose URLs, so what one URL costs is bounded.
import { expect, it } from '@jest/globals'
import { SecretCollector } from '#src/redact/found/found-secrets.js'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { redactUrl } from '#src/redact/urls/redact-url.js'
import { createTextContext } from '#src/redact/values/create-text-context.js'
import { takesAtMostMs } from '../../helpers/cpu-time.js'
import { headersOf, kwargsOf, urlOf } from '../redacted-parts.js'

const SECRET = 'Kq7Zx2Wm9Vt4LpRb6Nd'
const many = (count: number, make: (index: number) => string, separator: string) =>
  Array.from({ length: count }, (_, index) => make(index)).join(separator)

it.each([
  ['&', '&[REDACTED]'],
  [';', ';[REDACTED]'],
])('hides what follows many parameters, with a mark: %s', (separator, mark) => {
  const parameters = many(4000, (index) => `a${index}=${index}`, separator)
  const url = urlOf(`/?${parameters}${separator}token=${SECRET}`)
  expect(url.startsWith(`/?a0=0${separator}a1=1${separator}`)).toBe(true)
  expect(url.endsWith(mark)).toBe(true)
  expect(url).not.toContain(SECRET)
})

it('hides what follows many segments of a path', () => {
  const url = urlOf(`/${many(4000, (index) => `segment${index}-of-a-path`, '/')}/reset/${SECRET}`)
  expect(url.endsWith('/[REDACTED]')).toBe(true)
  expect(url).not.toContain(SECRET)
})

it('shows all parameters of a long form', () => {
  const url = `/?${many(400, (index) => `a${index}=${index}`, '&')}`
  expect(urlOf(url)).toBe(url)
})

it.each([
  ['user info', 'https://jan:pa%40ssw0rd99@example.org/', 'pa@ssw0rd99'],
  ['a segment of the path', `https://example.org/reset/${SECRET}`, SECRET],
  ['a capability URL', `https://hc-ping.com/${SECRET}`, SECRET],
  ['a parameter', '/?token=abcd%20efgh', 'abcd efgh'],
  ['a parameter with a separator', '/?token=abcd;efgh', 'abcd;efgh'],
  ['a parameter of a URL within the URL', '/?next=%2Fcb%3Ftoken%3Dabcd%2520efgh', 'abcd efgh'],
])('remembers the value that it hides: %s', (_title, url, value) => {
  const collector = new SecretCollector()
  redactUrl(url, createTextContext(createSensitiveKeys({}), '[REDACTED]', collector))
  expect(collector.secrets.map((secret) => secret.value)).toContain(value)
})

it.each([
  ...['http://a?b=c ', 'https://hooks.slack.com/services/a/b/c ', '/a?b={"c":[1,{"d":2}]} ', '(/a', "'/a'b"],
  ...[
    'http://a,http://b,',
    '[x](y?z=1)',
    'href="a?b=c" ',
    '?a=b',
    '\\/\\/',
    'https:\\/\\/a\\/?b=c\\u0026d=e ',
  ],
  ...['a:b@c:80 ', '/reset/a1b2c3d4e5f6a7b8', '/?a={"', '<a>; b, ', 'a="b; c", ', ';', '%2F', 'a;b='],
])('neither throws at megabytes of a text nor takes long: %j', (unit) => {
  const text = unit.repeat(Math.ceil(2_000_000 / unit.length))
  const context = createTextContext(createSensitiveKeys({}), '[REDACTED]')
  expect(takesAtMostMs(20_000, () => redactUrl(`/${text}`, context))).toBe(true)
  expect(takesAtMostMs(20_000, () => context.redactText(`x ${text}`))).toBe(true)
  for (const name of [
    'set-cookie',
    'link',
    'refresh',
    'content-security-policy',
    'www-authenticate',
    'location',
  ])
    expect(takesAtMostMs(20_000, () => headersOf({ [name]: text.slice(0, 60_000) }))).toBe(true)
})

it('changes nothing more when a URL is redacted again', () => {
  for (const url of [
    `https://jan:${SECRET}@example.org/reset/${SECRET}?token=${SECRET}&next=%2Fcb%3Ftoken%3D${SECRET}`,
    `https://api.telegram.org/bot1:${SECRET}/getMe`,
    `https://${SECRET}.m.pipedream.net/`,
  ]) {
    const once = kwargsOf({ url, note: `see ${url}, there` })
    expect(kwargsOf(once)).toEqual(once)
  }
})
