import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import { auditLog, memory, pseudonym } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import { normalizeIp } from '#src/http/ip-address.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const ADDRESSES: [string | undefined, string][] = [
  ['192.0.2.7', '192.0.2.7'],
  ['192.0.2.7:51234', '192.0.2.7'],
  ['"192.0.2.7:51234"', '192.0.2.7'],
  ['"192.0.2.7"', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['0:0:0:0:0:ffff:C000:0207', '192.0.2.7'],
  ['[::ffff:192.0.2.7]:443', '192.0.2.7'],
  ['::ffff:0:1', '0.0.0.1'],
  ['::1', '::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['2001:0DB8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['"[2001:DB8::1]:443"', '2001:db8::1'],
  ['64:ff9b::192.0.2.7', '64:ff9b::c000:207'],
  ['fe80::1%eth0', 'fe80::1%eth0'],
  ['FE80:0::1%eth0', 'fe80::1%eth0'],
  ['[fe80::1%eth0]:80', 'fe80::1%eth0'],
]

const TEXTS = [
  '',
  'unknown',
  '_hidden',
  '"_gazonk"',
  'client.example:443',
  '192.0.2.7:',
  '192.0.2.7:port',
  '192.0.2.7:123456',
  '192.0.2.256:80',
  '192.0.2:80',
  '2001:db8::1:443:',
  '2001:db8::12345',
  '[192.0.2.7]:80',
  '[2001:db8::1',
  '2001:db8::1]:443',
  '::ffff:192.0.2.7:80x',
  '"',
  '::ffff:192.0.2.7\n',
]

describe('a client address', () => {
  it.each(ADDRESSES)('%p is recorded as %p', (ip, expected) => {
    // The second time comes from a cache.
    for (let times = 0; times < 2; times++) expect(normalizeIp(ip)).toBe(expected)
  })

  it.each(TEXTS)('is recorded as it is if it is none: %p', (text) => {
    expect(normalizeIp(text)).toBe(text)
  })

  it('is recorded as it is if it is very long', () => {
    const text = ':'.repeat(100_000)
    expect(normalizeIp(text) === text).toBe(true)
  })

  it('is empty if there is none', () => {
    expect(normalizeIp(undefined)).toBe('')
  })

  const forwarded = '192.0.2.7:51234, ::ffff:198.51.100.1'

  it('has no port in Express behind a proxy that adds it', async () => {
    const sink = memory()
    const app = express().set('trust proxy', 2)
    app.use(auditLog({ sink })).use((_req, res) => void res.json({}))
    const { url } = await startServer(app)
    await fetch(url, { headers: { 'x-forwarded-for': forwarded } })
    const [record] = await sink.waitFor(1)
    expect(record.audit.user.ip).toBe('192.0.2.7')
  })

  it('has no port in Koa behind a proxy that adds it', async () => {
    const sink = memory()
    const app = new Koa({ proxy: true })
    app.use(auditKoa({ sink })).use((ctx) => {
      ctx.body = {}
    })
    const { url } = await startServer(app.callback())
    await fetch(url, { headers: { 'x-forwarded-for': forwarded } })
    const [record] = await sink.waitFor(1)
    expect(record.audit.user.ip).toBe('192.0.2.7')
  })

  it('has the same pseudonym in every spelling, also if the handler sets it', async () => {
    const sink = memory()
    const pseudonymize = { key: 'k'.repeat(32), keyId: '1', fields: ['user.ip'] }
    const app = express().set('trust proxy', 1)
    app.use(auditLog({ sink, pseudonymize })).use((req, res) => {
      const ip = req.get('x-set')
      if (ip !== undefined) req.audit.setUser({ authenticated: true, ip })
      res.json({})
    })
    const { url } = await startServer(app)
    const spellings = ['192.0.2.7', '192.0.2.7:1', '::ffff:c000:207', '"[::FFFF:192.0.2.7]:443"']
    for (const ip of spellings) await fetch(url, { headers: { 'x-forwarded-for': ip } })
    for (const ip of spellings) await fetch(url, { headers: { 'x-set': ip } })
    const records = await sink.waitFor(spellings.length * 2)
    expect(new Set(records.map(({ audit }) => audit.user.ip)).size).toBe(1)
    expect(records[0].audit.user.ip).toBe(pseudonym('192.0.2.7', pseudonymize.key, pseudonymize.keyId))
  })
})
