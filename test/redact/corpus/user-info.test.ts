// User names and passwords without `//` in front of them, and what looks alike.
import { describe, expect, it } from '@jest/globals'
import { headersOf, kwargsOf, lineOf } from '../redacted-parts.js'
import { expectNoPieceOf } from '../secret-pieces.js'

const SECRET = 'Kq7Zx2Wm9Vt4LpRb6Nd'

const SECRETS: readonly ((secret: string) => string)[] = [
  (s) => `jan:${s}@proxy:8080`,
  (s) => `jan:${s}@proxy.example.org:8080`,
  (s) => `jan:${s}@10.0.0.1:3128`,
  (s) => `jan:${s}@[2001:db8::1]:3128`,
  (s) => `jan:${s}@10.0.0.1`,
  (s) => `user:${s}@host/db`.replace('user', 'app'),
  (s) => `app:${s}@db.example.org/app?sslmode=require`,
  (s) => `jan:${s}@example.org`,
  (s) => `jan.jansen:${s}!@example.org`,
  (s) => `http_proxy=jan:${s}@proxy:8080`,
  (s) => `HTTPS_PROXY="jan:${s}@proxy.example.org"`,
  (s) => `proxy: jan:${s}@proxy.example.org`,
  (s) => `DOMAIN%5Cjan:${s}@proxy:8080`,
  (s) => `curl -x jan:${s}@proxy:8080 https://example.org`,
  (s) => `curl -u jan:${s} https://example.org`,
  (s) => `curl -sSL --user 'jan:${s}' https://example.org`,
  (s) => `curl https://example.org --proxy-user "jan:a ${s}"`,
  (s) => `curl -ujan:${s} https://example.org`,
  (s) => `http -a jan:${s} example.org`,
]

const HARMLESS: readonly string[] = [
  'jan@example.org',
  'mailto:jan@example.org',
  'from:jan@example.org',
  'reviewer:jan.jansen@example.org',
  'assigned:jan_1984@mail.example.org, and others',
  'name:jan+tag@example.org',
  'npm:pkg@1.2.3',
  'react:react-dom@18.2.0',
  'npm:@scope/pkg@1.2.3',
  'git@github.com:org/repo.git',
  'docker:tag@sha256:7f3a9c1e5b2d8064',
  'redis:7-alpine@sha256:7f3a9c1e5b2d8064',
  'meet at 12:30@room:5',
  '12:30@Dam/centre',
  'sip:jan@example.org:5060',
  'xmpp:jan@example.org/phone',
  '@jan:matrix.example.org',
  '#room:matrix.example.org',
  'twitter:@jan, see also @pieter:',
  'logo:logo@2x.png',
  'localhost:8080, host:80/a@b',
  'curl https://example.org && docker run -u 1000:1000 alpine',
  'curl -u jan https://example.org',
  'http -a is an option',
]

describe.each(SECRETS.map((make) => make(SECRET)))('%s', (text) => {
  it.each<[string, () => string]>([
    ['alone', () => lineOf('results', text)],
    ['in a sentence', () => lineOf('results', { note: `It failed: ${text} (again)` })],
    ['in JSON', () => lineOf('results', { note: JSON.stringify({ note: text }) })],
    ['in a header', () => lineOf('headers', { 'x-note': text })],
    ['in a query', () => lineOf('url', `/?note=${encodeURIComponent(text)}`)],
    ['in an error', () => lineOf('results', new Error(`cannot run ${text}`))],
  ])('has no secret: %s', (_place, lineWith) => {
    expectNoPieceOf(SECRET, lineWith())
  })
})

it.each(HARMLESS)('stays visible: %s', (text) => {
  const note = `see ${text}, there`
  expect(kwargsOf({ text, note })).toEqual({ text, note })
  expect(headersOf({ 'x-note': text })).toEqual({ 'x-note': text })
  expect(lineOf('url', `/?note=${encodeURIComponent(text)}`)).not.toContain('REDACTED')
})

it('leaves the host and what follows visible', () => {
  expect(kwargsOf({ note: 'app:geheim@db.example.org:5432/app, and more' })).toEqual({
    note: '[REDACTED]@db.example.org:5432/app, and more',
  })
})
