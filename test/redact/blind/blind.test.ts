// Plays the blind corpora through real exchanges with the default options, see README.md of the tests.
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import { type AuditLogger, auditErrors, audited, auditLog, memory } from 'http-audit-log'
import type { Actions, BlindCase, BlindError } from './blind-case.js'
import { HARMLESS } from './harmless.js'
import { KNOWN } from './known.js'
import { NAMES_AND_LANGUAGES } from './names-and-languages.js'
import { VENDOR_AND_CAPABILITY } from './vendor-and-capability.js'
import { WRAPPED_AND_REPEATED } from './wrapped-in-texts-and-repeated.js'

const CORPORA: Readonly<Record<string, readonly BlindCase[]>> = {
  'keys of vendors and capability URLs': VENDOR_AND_CAPABILITY,
  'names and languages': NAMES_AND_LANGUAGES,
  'values in texts, and secrets at a second place': WRAPPED_AND_REPEATED,
  'harmless look-alikes': HARMLESS,
}

const sink = memory()
let current: BlindCase
/** What the framework has parsed from the URL of the current case. */
let parsed: { readonly query: Record<string, unknown>; readonly params: Record<string, unknown> }
let server: Server
let port: number

beforeAll(async () => {
  const apps = new Map<string, express.Express>()
  server = createServer((req, res) => {
    const key = `${current.route ?? ''} ${current.do.audited ?? false}`
    const app = apps.get(key) ?? createApp(current)
    apps.set(key, app)
    app(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.close()
  server.closeAllConnections()
})

function createApp({ route, do: { audited: isAudited } }: BlindCase): express.Express {
  const app = express()
  app.use(auditLog({ sink, responseHeaders: 'all' }))
  const handlers: RequestHandler[] = [
    ...(isAudited ? [audited('Thing', { listResults: true, fields: 'all' }) as RequestHandler] : []),
    (req, res) => act(current.do, req, res),
  ]
  if (route === undefined) app.use(...handlers)
  else app.all(route, ...handlers)
  app.use(auditErrors())
  app.use((error: { status?: number }, _req: Request, res: Response, _next: NextFunction) => {
    res.status(error.status ?? 500).end('error')
  })
  return app
}

function act(actions: Actions, req: Request, res: Response): void {
  const { audit } = req as unknown as { audit: AuditLogger }
  parsed = { query: { ...req.query }, params: { ...req.params } }
  const { filter, results, headers = {}, status = 200, body } = actions
  if (filter !== undefined) audit.setFilter('Thing', typeof filter === 'string' ? parsed[filter] : filter)
  if (results !== undefined) audit.setResults(results)
  if (actions.setError !== undefined) audit.setError(createError(actions.setError))
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  if (actions.throw !== undefined) throw createError(actions.throw)
  res.status(status)
  if (body === undefined) res.end('ok')
  else res.json(body)
}

function createError({ name = 'Error', message, status }: BlindError): Error {
  return Object.assign(new Error(message), { name }, status === undefined ? {} : { status })
}

/** Plays a case, and returns its record. */
async function play(blindCase: BlindCase): Promise<string> {
  current = blindCase
  const before = sink.lines.length
  const { url, headers = {} } = blindCase
  await new Promise<void>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: url, headers, agent: false }, (res) => {
      res.resume().on('end', resolve).on('error', reject)
    })
    sent.on('error', reject).end()
  })
  while (sink.lines.length === before) await new Promise((resolve) => setImmediate(resolve))
  expect(sink.lines).toHaveLength(before + 1)
  // As parsers read it, without escapes that JSON allows and nobody needs.
  return JSON.stringify(JSON.parse(sink.lines[before] as string))
}

/** A part of a secret with this many characters helps an attacker. */
const PIECE = 8

function findLeak(line: string, secret: string): string | undefined {
  if (line.includes(secret)) return secret
  if (secret.length < PIECE + 2) return undefined
  for (let start = 0; start + PIECE <= secret.length; start++) {
    const piece = secret.slice(start, start + PIECE)
    if (line.includes(piece)) return piece
  }
  return undefined
}

/** What is wrong with the record of a case. */
function findFaults(blindCase: BlindCase, line: string): string[] {
  const leaks = blindCase.secrets.flatMap((secret) => findLeak(line, secret) ?? [])
  const missing = blindCase.visible.filter((text) => !line.includes(JSON.stringify(text).slice(1, -1)))
  return [
    ...leaks.map((leak) => `leaks ${leak}`),
    ...missing.map((text) => `misses ${text}`),
    ...(blindCase.isHarmless ? findDamages(blindCase, line) : []),
  ]
}

/** The parts of a harmless exchange that are not in the record as they were. */
function findDamages({ url, headers = {}, do: actions }: BlindCase, line: string): string[] {
  const { audit } = JSON.parse(line)
  const { filter, results } = actions
  const parts: (readonly [name: string, expected: unknown, actual: unknown])[] = [
    ['url', url, audit.http_request.url?.replace(/^https?:\/\/[^/]*/, '')],
    ['user agent', headers['user-agent'], audit.http_request.user_agent],
    ['kwargs', typeof filter === 'string' ? parsed[filter] : filter, audit.filter?.kwargs],
    ['results', results, audit.results],
    ['error', actions.throw?.message, audit.error?.message],
    ...Object.entries(actions.headers ?? {}).map(
      ([name, value]) => [name, value, audit.http_response.headers?.[name]] as const,
    ),
  ]
  return parts
    .filter(([, expected, actual]) => expected !== undefined && !isDeepStrictEqual(toJson(expected), actual))
    .map(([name, , actual]) => `changes ${name} to ${JSON.stringify(actual)}`)
}

const toJson = (value: unknown) => JSON.parse(JSON.stringify(value))

describe.each(Object.entries(CORPORA))('%s', (_title, corpus) => {
  it('are recognized, but for the known ones', async () => {
    const wrong: Record<string, string[]> = {}
    const fixed: string[] = []
    for (const blindCase of corpus) {
      const faults = findFaults(blindCase, await play(blindCase))
      const isKnown = KNOWN.has(blindCase.id)
      if (faults.length > 0 && !isKnown) wrong[blindCase.id] = faults
      // Then remove it from known.ts.
      if (faults.length === 0 && isKnown) fixed.push(blindCase.id)
    }
    expect({ wrong, fixed }).toEqual({ wrong: {}, fixed: [] })
    // Hundreds of exchanges, on a busy machine.
  }, 120_000)
})

it('knows no cases that do not exist', () => {
  const ids = new Set(Object.values(CORPORA).flatMap((corpus) => corpus.map(({ id }) => id)))
  expect(ids.size).toBe(Object.values(CORPORA).flat().length)
  expect([...KNOWN.keys()].filter((id) => !ids.has(id))).toEqual([])
})
