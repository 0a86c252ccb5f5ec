import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { headersOf, kwargsOf, lineOf, partOf, urlOf } from './redacted-parts.js'
import { CARD_NUMBER, type Case, HARMLESS, JWT, NEIGHBOURS, SECRET, SECRETS } from './secret-corpus.js'
import { expectNoPieceOf } from './secret-pieces.js'

describe('the line of a record contains no piece of a secret', () => {
  it('has at least 150 cases', () => {
    expect(SECRETS.length).toBeGreaterThanOrEqual(150)
  })

  it.each(SECRETS as Case[])('%s (%s)', (_title, where, make) => {
    const line = lineOf(where, make(SECRET))
    for (const secret of [SECRET, JWT, String(CARD_NUMBER)]) expectNoPieceOf(secret, line)
  })

  // Small numbers take more of the walk's room than of the line, so that the walk truncates before the line is too long.
  it('wherever a value is truncated by the walk', () => {
    for (let count = 3980; count < 4100; count++) {
      const filler = new Array(count).fill(1)
      const link = `https://jan:${SECRET}${SECRET}@example.org/`
      for (const last of [{ cardNumber: CARD_NUMBER }, { link }, { password: SECRET }, [['token', SECRET]]]) {
        const line = lineOf('results', [filler, last])
        for (const secret of [SECRET, String(CARD_NUMBER)]) expectNoPieceOf(secret, line)
      }
    }
  })

  const fieldError = { type: 'field', value: SECRET, msg: 'Invalid', path: 'password', location: 'body' }
  const raw = ['Host', 'x', 'X-Api-Key', `${SECRET}`, 'Accept', '*/*', 'Via', 'y']
  it.each<[string, (filler: string) => string]>([
    ['the name of a field', (filler) => JSON.stringify({ idToken: filler, errors: [fieldError] })],
    [
      'the name of a field that is a list',
      (filler) => JSON.stringify([{ idToken: filler }, { input: SECRET, path: ['body', 'pin'] }]),
    ],
    [
      'siblings that make a key sensitive',
      (filler) => JSON.stringify({ idToken: filler, code: SECRET, scope: 'openid', state: 'x' }),
    ],
    ['in JSON in JSON', (filler) => JSON.stringify(JSON.stringify([{ idToken: filler }, fieldError]))],
    ['a list of headers', (filler) => JSON.stringify({ idToken: filler, rawHeaders: raw })],
    ['a list of headers without a name', (filler) => JSON.stringify([{ idToken: filler }, raw])],
    ['the end of an element', (filler) => `<token>${filler}</token><password>${SECRET}</password>`],
    ['the end of the only element', (filler) => `token=${filler} <password>${SECRET}</password>`],
  ])('wherever a text is truncated in front of the part that makes it sensitive: %s', (_what, make) => {
    for (let length = 16_100; length < 16_380; length++) {
      const line = lineOf('results', make('x'.repeat(length)))
      if (line.includes(SECRET)) expect(length).toBe('a length that leaks nothing')
    }
  })

  // The corpus must not pass because nothing is written at all.
  it('although the line without redaction would', () => {
    const written = SECRETS.filter(([, where, make]) => {
      const line = lineOf(where, make(SECRET), { redact: false })
      return [SECRET, JWT.slice(0, 40), String(CARD_NUMBER)].some((secret) => line.includes(secret))
    })
    expect(written.length).toBeGreaterThanOrEqual(150)
  })
})

it('redacts few values that only look like secrets', () => {
  expect(HARMLESS.length).toBeGreaterThanOrEqual(60)
  const hidden = HARMLESS.filter(([name, value]) => {
    const kwargs = kwargsOf({ [name]: value })
    return kwargs[name] !== value
  })
  console.info(
    `Harmless look-alikes redacted: ${hidden.length} of ${HARMLESS.length}: ${hidden.map(([name]) => name)}`,
  )
  expect(hidden.map(([name]) => name)).toEqual(['invite_code'])
})

it.each(NEIGHBOURS)('leaves a harmless neighbour of the cases unchanged (%s): %j', (where, value) => {
  expect(partOf(where, value)).toBe(partOf(where, value, { redact: false }))
})

describe('a timestamp', () => {
  const TIME = '2026-11-24T09:30:00.123Z'

  it.each([TIME, '2026-11-24 09:30', '2026-11-24T09:30:00+01:00'])('is unchanged: %s', (time) => {
    expect(kwargsOf({ time })).toEqual({ time })
  })

  it.each([
    `${TIME} password=${SECRET}`,
    `${TIME}\npassword: ${SECRET}`,
    `Bearer ${SECRET} ${TIME}`,
    `${TIME};token=${SECRET}`,
  ])('does not prevent a secret beside it from being redacted: %s', (text) => {
    expectNoPieceOf(SECRET, lineOf('kwargs', { text }))
  })
})

describe('harmless parts stay readable', () => {
  it.each([
    ['https://u:p@example.org/a?b=c', 'https://[REDACTED]@example.org/a?b=c'],
    ['https://example.org/cb?code=abc&lang=nl', 'https://example.org/cb?code=[REDACTED]&lang=nl'],
    ['https://example.org/a;jsessionid=abc?b=1', 'https://example.org/a;jsessionid=[REDACTED]?b=1'],
    ['https://example.org/?email=a@b.nl', 'https://example.org/?email=a@b.nl'],
    ['https://example.org/?q=100%25&r=%zz', 'https://example.org/?q=100%25&r=%zz'],
    ['https://example.org/@jan/photos', 'https://example.org/@jan/photos'],
  ])('in the URL %s', (url, cleaned) => {
    expect(urlOf(url)).toBe(cleaned)
  })

  it('the name and the attributes of a cookie', () => {
    expect(headersOf({ 'set-cookie': ['sid=abc; Path=/; HttpOnly', 'b=1'] })).toEqual({
      'set-cookie': ['sid=[REDACTED]; Path=/; HttpOnly', 'b=[REDACTED]'],
    })
  })

  it('the dates in joined cookies, which contain a comma', () => {
    expect(
      headersOf({ 'set-cookie': 'a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/, b=2; Secure' }),
    ).toEqual({
      'set-cookie': 'a=[REDACTED]; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/, b=[REDACTED]; Secure',
    })
  })

  it('in HTML', () => {
    const html = '<input name="csrf_token" value="x"><input name="city" value="Delft"><b>Hi</b>'
    expect(kwargsOf({ html }).html).toBe(html.replace('"x"', '"[REDACTED]"'))
  })

  it('in the usual headers', () => {
    const headers = {
      'content-type': 'text/html;charset=utf-8',
      'cache-control': 'max-age=0, private=x',
      etag: 'W/"12-abc"',
      'hx-trigger': '{ "showMessage": "Saved" }',
      nel: '{"report_to":"default","max_age":31536000}',
      date: 'Tue, 24 Nov 2026 09:30:00 GMT',
      vary: ['Accept', 'Origin'],
      'content-security-policy': "default-src 'self'; report-uri https://example.org/csp?site=a",
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    }
    expect(headersOf(headers)).toEqual(headers)
  })

  it('the text around a secret in JSON, in a form and in a connection string', () => {
    expect(
      kwargsOf({ a: '{"user":"jan","password":"x"}', b: 'u=jan&password=x', c: 'host=db password=x db=y' }),
    ).toEqual({
      a: '{"user":"jan","password":"[REDACTED]"}',
      b: 'u=jan&password=[REDACTED]',
      c: 'host=db password=[REDACTED] db=y',
    })
  })
})

it('redacts harmless values of truncated JSON only in the object that was truncated', () => {
  const shown = { code: 'A', value: 'B' }
  const rest = 'x'.repeat(20_000)
  const keptOf = (value: object) => JSON.parse(lineOf('results', JSON.stringify(value))).audit.results.kept
  expect(keptOf([shown, { code: 'C', value: 'D', a: 'E', rest }])).toMatch(
    /^\[{"code":"A","value":"B"},{"code":"\[REDACTED]","value":"\[REDACTED]","a":"E"}]…/,
  )
  expect(keptOf({ name: 'city', value: 'Delft', data: [shown], rest })).toMatch(
    /^{"name":"city","value":"Delft","data":\[{"code":"A","value":"B"}]}…/,
  )
})

describe('docs/redaction.md', () => {
  const page = readFileSync(join(__dirname, '../../docs/redaction.md'), 'utf8')

  it('states how many look-alikes are redacted', () => {
    const hidden = HARMLESS.filter(([name, value]) => kwargsOf({ [name]: value })[name] !== value)
    expect(page).toContain(`Of the ${HARMLESS.length} harmless look-alikes`)
    expect(page).toContain(` ${hidden.length} is redacted:`)
  })

  it('does not link to src, which is not in the package', () => {
    expect(page).not.toMatch(/\]\([./]*src\//)
  })
})
