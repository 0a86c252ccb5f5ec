// What a client sends in headers that are recorded as they are: its request id and its user agent.
import { afterEach, describe, expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { startServer, stopServers } from '../helpers/servers.js'
import { CARD_NUMBERS } from './corpus/payment-cards.js'
import { VENDOR_KEYS } from './corpus/vendor-keys.js'

afterEach(stopServers)

/** The record of a request with these headers. */
async function recordOf(headers: Record<string, string>) {
  const sink = memory()
  const audit = auditLog({ sink })
  const { url } = await startServer((request, response) => audit(request, response, () => response.end()))
  await (await fetch(url, { headers })).text()
  await audit.flush()
  return sink.records()[0].audit
}

const TOKEN = `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiI3In0'}`
const VISA = CARD_NUMBERS[0]?.[1] as string

describe('a secret that a client sends as its request id or user agent', () => {
  const keys = VENDOR_KEYS.map(([, key]) => key).filter((key) => /^[\w.~:@=+/-]{1,128}$/.test(key))
  const some = keys.filter((_, index) => index % 25 === 0)

  it.each([TOKEN, `id-${VISA}`, ...some])('is hidden in the record: %s', async (secret) => {
    const { request_id, http_request } = await recordOf({
      'x-request-id': secret,
      'user-agent': `app/1.0 (${secret})`,
    })
    expect(request_id).toMatch(/^(?:id-)?\[REDACTED]$/)
    expect(http_request.user_agent).toBe(`app/1.0 (${request_id})`)
  })

  it('is hidden, whatever the request id is made of, in a JSON Web Token of three parts', async () => {
    const { request_id } = await recordOf({ 'x-request-id': `${TOKEN}.c2lnbmF0dXJl` })
    expect(request_id).not.toContain('eyJ')
  })
})

it.each([
  '4bf92f3577b34da6a3ce929d0e0e4736',
  'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
  '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  'Root=1-67891233-abcdef012345678912345678',
  'cjld2cjxh0000qzrmn831i7rn',
  '1764300000000000-42',
])('a harmless request id stays: %s', async (id) => {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
  const record = await recordOf({ 'x-request-id': id, 'user-agent': agent })
  expect([record.request_id, record.http_request.user_agent]).toEqual([id, agent])
})
