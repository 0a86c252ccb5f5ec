import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { createSource, elasticsearch } from '#src/verify/elasticsearch.js'
import { findExitCode } from '#src/verify/findings.js'
import { verify } from '#src/verify/verify.js'
import { readAll } from '../helpers/child-process.js'
import { VERIFIER_KEY, writeRun } from '../helpers/sealed-log.js'

interface Call {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any depth of a body
  readonly body: any
}

type Answer = (response: ServerResponse, call: Call) => void

let lines: string[]
let closeServer = () => {}

beforeAll(async () => {
  lines = await writeRun()
})
afterEach(() => closeServer())

function send(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Answers the documents after the one of `search_after`. */
const sendPage: Answer = (response, { body }) => {
  const start = body.search_after === undefined ? 0 : body.search_after[0] + 1
  const hits = lines
    .map((line, index) => ({ _source: JSON.parse(line), sort: [index] }))
    .slice(start, start + body.size)
  send(response, { pit_id: 'p2', timed_out: false, _shards: { total: 1, failed: 0 }, hits: { hits } })
}

/** Spaces, until the client hangs up. */
function sendEndlessly(response: ServerResponse): void {
  const spaces = Buffer.alloc(2 ** 20, ' ')
  response.writeHead(200)
  const sendMore = () => {
    while (!response.destroyed && response.write(spaces));
  }
  response.on('drain', sendMore)
  sendMore()
}

/** @param answers to the searches, one after the other; the last one answers all others */
async function startServer(...answers: Answer[]): Promise<{ url: string; calls: Call[] }> {
  const calls: Call[] = []
  let searches = 0
  const server = createServer(async (request: IncomingMessage, response) => {
    const { method = '', url = '', headers } = request
    const text = await readAll(request)
    const call = {
      method,
      url,
      authorization: headers.authorization,
      body: text === '' ? undefined : JSON.parse(text),
    }
    calls.push(call)
    if (url.includes('_pit')) return send(response, { id: 'p1' })
    const answer = answers[Math.min(searches++, answers.length - 1)]
    answer?.(response, call)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closeServer = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls }
}

const verifyIndex = (url: string, options = {}) =>
  verify({
    keys: [VERIFIER_KEY],
    inputs: [createSource({ url, index: 'logs-*', env: {}, pageSize: 4, ...options }, 1)],
  })

describe('elasticsearch', () => {
  it('reads all pages, and closes the point in time', async () => {
    const { url, calls } = await startServer(sendPage)
    const result = await verifyIndex(url, { env: { ELASTIC_API_KEY: 'abc' } })
    expect(result).toMatchObject({ verdict: 'intact', records: 11, problems: [] })
    expect(calls.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
      'POST /logs-*/_pit?keep_alive=2m',
      ...Array.from({ length: 4 }, () => 'POST /_search'),
      'DELETE /_pit',
    ])
    expect(calls.map(({ authorization }) => authorization)).toEqual(
      Array.from({ length: 6 }, () => 'ApiKey abc'),
    )
    expect(calls.map(({ body }) => body?.pit?.id)).toEqual([undefined, 'p1', 'p2', 'p2', 'p2', undefined])
  })

  it('asks for documents of a time, with a user and a password', async () => {
    const { url, calls } = await startServer(sendPage)
    const env = { ELASTIC_USERNAME: 'jane', ELASTIC_PASSWORD: 'secret' }
    await verifyIndex(url, { env, from: '2026-01-01', timeField: 'audit.time' })
    expect(calls[1]?.authorization).toBe(`Basic ${Buffer.from('jane:secret').toString('base64')}`)
    expect(calls[1]?.body.query).toEqual({ range: { 'audit.time': { gte: '2026-01-01' } } })
  })

  it.each<[string, Answer]>([
    ['answers 429', (response) => send(response, {}, 429)],
    ['answers 503', (response) => send(response, {}, 503)],
    ['hangs up', (response) => void response.destroy()],
    [
      'hangs up within an answer',
      (response) => void response.writeHead(200).write('{"hits":', () => response.destroy()),
    ],
    ['cuts the JSON of an answer', (response) => void response.end('{"hits":{"hits":[')],
  ])('tries again when the server %s twice', async (_, answer) => {
    const { url } = await startServer(answer, answer, sendPage)
    expect(await verifyIndex(url)).toMatchObject({ verdict: 'intact', problems: [] })
  })

  it.each<[string, Answer, string]>([
    ['answers 401', (response) => send(response, {}, 401), 'answered 401. Set ELASTIC_API_KEY'],
    [
      'answers 404',
      (response) => send(response, { error: { reason: 'no such index' } }, 404),
      '404: no such index',
    ],
    ['answers 503 for good', (response) => send(response, {}, 503), 'answered 503'],
    ['hangs up for good', (response) => void response.destroy(), 'could not be reached'],
    ['sends something else', (response) => void response.end('<html>'), 'cut off or no JSON'],
    [
      'sends the same page again',
      (response, call) => sendPage(response, { ...call, body: { ...call.body, search_after: undefined } }),
      'same page twice',
    ],
    ['sends without an end', sendEndlessly, 'more than 256 MiB'],
    [
      'has run out of time',
      (response) => send(response, { timed_out: true, hits: { hits: [] } }),
      'could not search all shards',
    ],
    [
      'has lost a shard',
      (response) => send(response, { _shards: { failed: 1 }, hits: { hits: [] } }),
      'could not search all shards',
    ],
    ['sends no hits', (response) => send(response, {}), 'without hits'],
    [
      'redirects',
      (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'could not be reached',
    ],
  ])('is a problem when the server %s', async (_, answer, problem) => {
    const { url } = await startServer(sendPage, answer)
    const result = await verifyIndex(url)
    expect(result.problems).toEqual([expect.stringContaining(problem)])
    expect(findExitCode(result)).toBe(2)
  })

  it.each(['ftp://elastic', 'https://user:password@elastic', 'elastic:9200'])(
    'refuses the address %s',
    (url) => {
      const create = () => elasticsearch({ url, index: 'x' })
      expect(create).toThrow(expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS' }))
      expect(create).not.toThrow('password@')
    },
  )
})
