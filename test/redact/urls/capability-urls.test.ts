// Every row of the table of capability URLs, wherever a URL can stand in a record.
import { describe, expect, it } from '@jest/globals'
import { CAPABILITY_URLS } from '#src/redact/urls/capability-urls.js'
import { everyPlaceOf } from '../corpus/url-places.js'
import { headersOf, kwargsOf, urlOf } from '../redacted-parts.js'
import { expectNoPieceOf } from '../secret-pieces.js'

const SECRET = 'Kq7Zx2Wm9Vt4LpRb6Nd'

/** URLs with the secret, and the same URLs as they are expected in the record. */
const rows = CAPABILITY_URLS.flatMap(({ id, hosts, paths, parameters = [] }) =>
  hosts.flatMap((host) => {
    const fill = (text: string, secret: string) =>
      text.replaceAll('*', 'a1').replaceAll(/\{secret(?:\.\.\.)?\}/g, secret)
    const make = (secret: string): string[] => {
      const origin = `https://${fill(host, secret)}`
      return [
        ...(host.includes('{secret}') ? [`${origin}/x`] : []),
        ...paths.map((path) => `${origin}${fill(path, secret)}`),
        ...parameters.map((name) => `${origin}/x?${name}=${secret}`),
      ]
    }
    const redacted = make('[REDACTED]')
    return make(SECRET).map((url, index): [string, string, string] => [id, url, redacted[index] as string])
  }),
)

describe.each(rows)('%s: %s', (_id, url, redacted) => {
  it('has its secret redacted as a request URL', () => {
    expect(urlOf(url)).toBe(redacted)
  })

  it.each(everyPlaceOf(url))('has no secret: %s', (_place, lineWith) => {
    expectNoPieceOf(SECRET, lineWith())
  })
})

it('describes what each row grants, and where the vendor describes it', () => {
  for (const { id, grants, hosts, paths, parameters = [], source } of CAPABILITY_URLS) {
    expect([id, grants]).not.toContain('')
    expect(() => new URL(source)).not.toThrow()
    expect(hosts.join().includes('{secret}') || paths.length + parameters.length > 0).toBe(true)
    const mistakes = [
      ...[...hosts, ...parameters]
        .filter((text) => text !== text.toLowerCase())
        .map((text) => `${text}: write hosts and parameters in lower case, as they are compared`),
      ...paths
        .filter((path) => !/^\/.*\{secret(?:\.\.\.)?\}$/.test(path))
        .map(
          (path) => `${path}: a path is the beginning of one up to the secret, so it must end with {secret}`,
        ),
    ]
    expect([id, ...mistakes]).toEqual([id])
  }
  const ids = CAPABILITY_URLS.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

it('leaves other paths of the same hosts, and the same paths of other hosts, as they are', () => {
  for (const url of [
    'https://hooks.slack.com/docs/services',
    'https://example.org/services/T1/B1/abcdef',
    'https://discord.com/channels/1/2',
    'https://api.telegram.org/docs',
    'https://calendar.google.com/calendar/ical/a@example.org/public/basic.ics',
    'https://www.google.com/maps/place/private-road',
    'https://evil-hooks.slack.com.example.org/services/T1/B1/abcdef',
    'https://trello.com/b/a1b2c3d4/board',
    'https://mainnet.infura.io/docs',
  ]) {
    expect(urlOf(url)).toBe(url)
    expect(kwargsOf({ note: `see ${url} there` })).toEqual({ note: `see ${url} there` })
    expect(headersOf({ location: url })).toEqual({ location: url })
  }
})
