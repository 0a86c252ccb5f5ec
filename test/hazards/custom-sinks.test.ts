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
  /** What the sink has accepted. */
  readonly lines: string[]
  readonly attempts: number
  /** What `onError` was told. */
  readonly errors: string[]
  /** How many handlers have run. */
  readonly handled: number
}

/** As the server has them. */
const SINK_TIMEOUT_MS = 200
const MAX_WAITING = 64 * 1024

const TAKE_NOTHING = [
  'throws',
  'throws-null',
  'rejects',
  'rejects-late',
  'throws-in-then',
  'throws-at-then',
  'never-settles',
]
const TAKE_ALL = [
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
  // Nothing that a sink did has ended it, or has come to the process as an unhandled rejection.
  const { exitCode, signalCode } = server.child
  await stopServerProcesses()
  expect([exitCode, signalCode]).toEqual([null, null])
})

const report = async (sink: string) => (await (await fetch(`${server.url}/${sink}/report`)).json()) as Report

/** The report as soon as it is as wanted. */
async function reportWhen(
  sink: string,
  isWanted: (seen: Report) => boolean | Promise<boolean>,
): Promise<Report> {
  const giveUpAt = performance.now() + 20_000
  for (;;) {
    const seen = await report(sink)
    if (await isWanted(seen)) return seen
    if (performance.now() > giveUpAt) throw new Error(`It did not come to it: ${JSON.stringify(seen)}`)
  }
}

const isOver = ({ waiting, inFlight }: Report) => waiting === 0 && inFlight === 0

describe.each(TAKE_NOTHING)('a sink that %s', (name) => {
  const sink = `${name}/open`

  it('costs no request an answer, is reported once, and gets all of it when it works again', async () => {
    for (let i = 0; i < 20; i++) expect(await server.getStatus(`/${sink}/ok`)).toBe(200)
    const down = await reportWhen(sink, ({ errors, inFlight }) => errors.length > 0 && inFlight === 0)
    expect(down).toMatchObject({ written: 0, waiting: 20, lost: 0, lines: [] })

    await server.getStatus(`/${sink}/mend`)
    if (name === 'never-settles') {
      // What it has and never answers for can be told no better than as lost.
      // And only a further record can show that it answers again.
      let asked = 20
      const up = await reportWhen(sink, async (seen) => {
        if (isOver(seen)) return true
        expect(await server.getStatus(`/${sink}/ok`)).toBe(200)
        asked += 1
        return false
      })
      // All of them, and the record of each loss.
      expect(up.written + up.lost).toBeGreaterThan(asked)
      expect(up.written).toBe(up.lines.length)
      return
    }
    const up = await reportWhen(sink, isOver)
    expect(up).toMatchObject({ written: 20, lost: 0, handled: 20 })
    const seqs = seqsOf(parseRecords(up.lines.join('')))
    expect(seqs).toHaveLength(20)
    expect(isIncreasing(seqs)).toBe(true)
    expect(up.errors).toEqual([expect.stringMatching(/^ERR_AUDIT_SINK .*failed to write a record/)])
  })

  it('with failClosed means 503 within a bounded time, then 503 at entry, and 200 when it works again', async () => {
    const closed = `${name}/closed`
    const began = performance.now()
    const first = await fetch(`${server.url}/${closed}/ok`)
    expect(first.status).toBe(503)
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(performance.now() - began).toBeLessThan(SINK_TIMEOUT_MS + 5000)
    const { handled } = await report(closed)
    for (let i = 0; i < 5; i++) expect(await server.getStatus(`/${closed}/ok`)).toBe(503)
    // None of these five came to its handler.
    expect((await report(closed)).handled).toBe(handled)
    expect((await report(closed)).errors).toHaveLength(1)

    await server.getStatus(`/${closed}/mend`)
    const giveUpAt = performance.now() + 20_000
    while ((await server.getStatus(`/${closed}/ok`)) !== 200) expect(performance.now()).toBeLessThan(giveUpAt)
    const up = await reportWhen(closed, isOver)
    expect(up.errors).toHaveLength(1)
    const records = parseRecords(up.lines.join(''))
    expect(records.at(-1)).toMatchObject({ http_response: { status_code: 200 } })
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length)
  })
})

describe.each(TAKE_ALL)('a sink that is like this: %s', (name) => {
  it.each(['open', 'closed'])(
    'is taken at its word, and nothing is reported (failClosed %s)',
    async (mode) => {
      const sink = `${name}/${mode}`
      const statuses = await Promise.all(Array.from({ length: 20 }, () => server.getStatus(`/${sink}/ok`)))
      expect(statuses).toEqual(Array(20).fill(200))
      const { lines, errors, written, lost } = await reportWhen(sink, isOver)
      expect({ errors, written, lost }).toEqual({ errors: [], written: 20, lost: 0 })
      expect(new Set(seqsOf(parseRecords(lines.join('')))).size).toBe(20)
    },
  )
})

describe('a stream that calls back twice', () => {
  it('is reported once, and costs no request an answer', async () => {
    const sink = 'calls-back-twice/open'
    for (let i = 0; i < 10; i++) expect(await server.getStatus(`/${sink}/ok`)).toBe(200)
    const { errors, written, waiting } = await reportWhen(sink, ({ inFlight }) => inFlight === 0)
    expect(errors).toHaveLength(1)
    expect(written + waiting).toBe(10)
  })

  it('with failClosed is refused with 503', async () => {
    const sink = 'calls-back-twice/closed'
    for (let i = 0; i < 3; i++) await server.getStatus(`/${sink}/ok`)
    expect(await server.getStatus(`/${sink}/ok`)).toBe(503)
  })
})

it('bounds what it keeps for a sink that never answers, and what it gives to it', async () => {
  const sink = 'never-answers/open'
  const requests = requestMany(server.url, 5000, { path: `/${sink}/ok` })
  await requests.done
  expect(requests.statuses).toEqual({ 200: 5000 })
  const { attempts, waiting, lost, errors } = await reportWhen(sink, ({ inFlight }) => inFlight === 0)
  expect(waiting + lost).toBe(5000)
  // No record is shorter than this.
  expect(waiting * 400).toBeLessThan(2 * MAX_WAITING)
  // What fits, and now and then one more to see whether it is back.
  expect(attempts).toBeLessThan(MAX_WAITING / 400 + 150)
  expect(errors).toHaveLength(1)
})
