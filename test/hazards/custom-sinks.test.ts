import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { isIncreasing, parseRecords, seqsOf } from '../helpers/audit-lines.js'
import { type ServerProcess, startServerProcess, stopServerProcesses } from '../helpers/hazard-process.js'
import { requestMany } from '../helpers/load.js'

jest.setTimeout(60_000)

interface Report {
  readonly written: number
  readonly waiting: number
  readonly lost: number
  readonly inFlight: number
  /** The lines that the sink accepted. */
  readonly lines: string[]
  readonly attempts: number
  /** Code and message of each error passed to `onError`. */
  readonly errors: string[]
  /** How many handlers ran. */
  readonly handled: number
}

/** The options in test/programs/sinks-server.ts. */
const SINK_TIMEOUT_MS = 200
const MAX_BUFFER = 64 * 1024

const REFUSING_SINKS = [
  'throws',
  'throws-null',
  'rejects',
  'rejects-late',
  'throws-in-then',
  'throws-at-then',
  'never-settles',
]
const ACCEPTING_SINKS = [
  'settles-twice',
  'returns-true',
  'returns-false',
  'returns-42',
  'returns-null',
  'returns-an-object',
  'slow',
  'out-of-order',
]

let server: ServerProcess
beforeAll(async () => {
  server = await startServerProcess({ program: 'sinks-server' })
})
afterAll(async () => {
  // No sink ended the process, with an exception or with an unhandled rejection.
  const { exitCode, signalCode } = server.child
  await stopServerProcesses()
  expect([exitCode, signalCode]).toEqual([null, null])
})

const report = async (sink: string) => (await (await fetch(`${server.url}/${sink}/report`)).json()) as Report

/** Requests the report until it is as wanted. */
async function reportWhen(
  sink: string,
  isReached: (seen: Report) => boolean | Promise<boolean>,
): Promise<Report> {
  const giveUpAt = performance.now() + 20_000
  for (;;) {
    const seen = await report(sink)
    if (await isReached(seen)) return seen
    if (performance.now() > giveUpAt)
      throw new Error(`The report was never as wanted: ${JSON.stringify(seen)}`)
  }
}

const isSettled = ({ waiting, inFlight }: Report) => waiting === 0 && inFlight === 0

describe.each(REFUSING_SINKS)('a sink that %s', (name) => {
  const sink = `${name}/open`

  it('leaves all requests answered, is reported once, and receives all records when it recovers', async () => {
    for (let i = 0; i < 20; i++) expect(await server.getStatus(`/${sink}/ok`)).toBe(200)
    const outage = await reportWhen(sink, ({ errors, inFlight }) => errors.length > 0 && inFlight === 0)
    expect(outage).toMatchObject({ written: 0, waiting: 20, lost: 0, lines: [] })

    await server.getStatus(`/${sink}/repair`)
    if (name === 'never-settles') {
      // Lines without an answer count as lost. Only a further record shows that the sink answers again.
      let requestCount = 20
      const recovered = await reportWhen(sink, async (seen) => {
        if (isSettled(seen)) return true
        expect(await server.getStatus(`/${sink}/ok`)).toBe(200)
        requestCount += 1
        return false
      })
      // All records, and one more for each reported loss.
      expect(recovered.written + recovered.lost).toBeGreaterThan(requestCount)
      expect(recovered.written).toBe(recovered.lines.length)
      return
    }
    const recovered = await reportWhen(sink, isSettled)
    expect(recovered).toMatchObject({ written: 20, lost: 0, handled: 20 })
    const seqs = seqsOf(parseRecords(recovered.lines.join('')))
    expect(seqs).toHaveLength(20)
    expect(isIncreasing(seqs)).toBe(true)
    expect(recovered.errors).toEqual([expect.stringMatching(/^ERR_AUDIT_SINK .*failed to write a record/)])
  })

  it('under failClosed gives 503 within the timeout, then 503 before the handler, and 200 after recovery', async () => {
    const closed = `${name}/closed`
    const began = performance.now()
    const first = await fetch(`${server.url}/${closed}/ok`)
    expect(first.status).toBe(503)
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(performance.now() - began).toBeLessThan(SINK_TIMEOUT_MS + 5000)
    const { handled } = await report(closed)
    for (let i = 0; i < 5; i++) expect(await server.getStatus(`/${closed}/ok`)).toBe(503)
    // None of these five requests reached its handler.
    expect((await report(closed)).handled).toBe(handled)
    expect((await report(closed)).errors).toHaveLength(1)

    await server.getStatus(`/${closed}/repair`)
    const giveUpAt = performance.now() + 20_000
    while ((await server.getStatus(`/${closed}/ok`)) !== 200) expect(performance.now()).toBeLessThan(giveUpAt)
    const recovered = await reportWhen(closed, isSettled)
    expect(recovered.errors).toHaveLength(1)
    const records = parseRecords(recovered.lines.join(''))
    expect(records.at(-1)).toMatchObject({ http_response: { status_code: 200 } })
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length)
  })
})

describe.each(ACCEPTING_SINKS)('a sink that accepts each line: %s', (name) => {
  it.each(['open', 'closed'])('counts as successful, and nothing is reported (fail %s)', async (mode) => {
    const sink = `${name}/${mode}`
    const statuses = await Promise.all(Array.from({ length: 20 }, () => server.getStatus(`/${sink}/ok`)))
    expect(statuses).toEqual(Array(20).fill(200))
    const { lines, errors, written, lost } = await reportWhen(sink, isSettled)
    expect({ errors, written, lost }).toEqual({ errors: [], written: 20, lost: 0 })
    expect(new Set(seqsOf(parseRecords(lines.join('')))).size).toBe(20)
  })
})

describe('a stream that calls back twice', () => {
  it('is reported once, and all requests are answered', async () => {
    const sink = 'calls-back-twice/open'
    for (let i = 0; i < 10; i++) expect(await server.getStatus(`/${sink}/ok`)).toBe(200)
    const { errors, written, waiting } = await reportWhen(sink, ({ inFlight }) => inFlight === 0)
    expect(errors).toHaveLength(1)
    expect(written + waiting).toBe(10)
  })

  it('leads to 503 under failClosed', async () => {
    const sink = 'calls-back-twice/closed'
    for (let i = 0; i < 3; i++) await server.getStatus(`/${sink}/ok`)
    expect(await server.getStatus(`/${sink}/ok`)).toBe(503)
  })
})

it('limits the buffered lines and the attempts when a sink never answers', async () => {
  const sink = 'never-answers/open'
  const requests = requestMany(server.url, 5000, { path: `/${sink}/ok` })
  await requests.done
  expect(requests.statuses).toEqual({ 200: 5000 })
  const { attempts, waiting, lost, errors } = await reportWhen(sink, ({ inFlight }) => inFlight === 0)
  expect(waiting + lost).toBe(5000)
  // Every record is longer than 400 bytes.
  expect(waiting * 400).toBeLessThan(2 * MAX_BUFFER)
  // The lines that fit into the buffer, and occasional attempts to see whether the sink recovered.
  expect(attempts).toBeLessThan(MAX_BUFFER / 400 + 150)
  expect(errors).toHaveLength(1)
})
