// Checks random connections: whatever handlers and clients do, there is one correct record per request, and the server
// never crashes. An uncaught exception or an unhandled rejection fails a Jest test by itself.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from '@jest/globals'
import fc from 'fast-check'
import { type AuditLogger, type AuditRecord, memory, type Sink } from 'http-audit-log'
import { parseResponses } from '../helpers/raw-client.js'
import { listenOn } from '../helpers/servers.js'
import { bytesOf, mayCut, play, type RandomConnection, randomConnection } from './random-exchanges.js'

/** Connections are checked side by side, each on a server of its own, because most of their time is waiting. */
const SERVERS = 8
/** Node closes the connection after the last response, although it has read only a part of the last request. */
const RESET_AT_CLOSE: RandomConnection = {
  requests: [
    { method: 'GET', bodySize: 0, isChunked: false, script: [{ do: 'end', size: 300_000 }] },
    { method: 'POST', bodySize: 300_000, isChunked: false, script: [{ do: 'end', size: 16_384 }] },
  ],
  client: { kind: 'reads all', bytes: 0 },
}
/** A client disconnects if it has received nothing for this long, and all of its handlers have ended. */
const SILENCE_MS = 15
const BOUND_MS = 10_000

export interface Context {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly audit: AuditLogger
}
export type Handle = (context: Context) => Promise<void>

/** Creates the request listener of an application with the middleware, in which every request runs `handle`. */
export type Build = (sink: Sink, handle: Handle) => RequestListener

/** One connection: what its client sends, and what the server has seen of it. */
interface Run {
  readonly connection: RandomConnection
  /** Responses to the requests that reached the server, in order. */
  readonly reached: ServerResponse[]
  playing: number
}

const get = { method: 'GET', bodySize: 0, isChunked: false } as const
const readsAll = { kind: 'reads all', bytes: 0 } as const

/** Node 24 and later send nothing for the third response, and the fourth in its place. */
const DESTROYED_AND_ENDED_BEFORE_ITS_TURN: RandomConnection = {
  requests: [
    { method: 'POST', bodySize: 106, isChunked: true, script: [{ do: 'end', size: 174 }] },
    { method: 'HEAD', bodySize: 0, isChunked: true, script: [{ do: 'end', size: 66 }] },
    {
      ...get,
      script: [
        { do: 'destroy', what: 'response' },
        { do: 'end', size: 195 },
      ],
    },
    {
      ...get,
      script: [
        { do: 'writeHead', status: 204 },
        { do: 'end', size: 114 },
      ],
    },
  ],
  client: readsAll,
}

/** As before, on a connection that stays open. */
const DESTROYED_AND_ENDED_WHILE_WAITING: RandomConnection = {
  requests: [
    {
      ...get,
      script: [{ do: 'earlyHints' }, { do: 'wait', turns: 4 }, { do: 'end', size: 137 }],
    },
    { method: 'GET', bodySize: 0, isChunked: false, script: [{ do: 'end', size: 300_000 }] },
    {
      ...get,
      script: [
        { do: 'wait', turns: 3 },
        { do: 'destroy', what: 'response' },
        { do: 'end', size: 16_384 },
      ],
    },
    {
      method: 'HEAD',
      bodySize: 0,
      isChunked: false,
      script: [
        { do: 'writeHead', status: 404 },
        { do: 'end', size: 70_000 },
      ],
    },
    { ...get, script: [] },
  ],
  client: readsAll,
}

/** node:http: Node 24 and later send the response with which the handler answers the error, although it was destroyed. */
const DESTROYED_BEFORE_ITS_TURN_AND_THROWN: RandomConnection = {
  requests: [
    { ...get, script: [{ do: 'end', size: 191 }] },
    {
      method: 'POST',
      bodySize: 16_384,
      isChunked: true,
      script: [{ do: 'destroy', what: 'response' }, { do: 'throw' }],
    },
  ],
  client: readsAll,
}

const REGRESSIONS: readonly RandomConnection[] = [
  RESET_AT_CLOSE,
  DESTROYED_AND_ENDED_BEFORE_ITS_TURN,
  DESTROYED_AND_ENDED_WHILE_WAITING,
  DESTROYED_BEFORE_ITS_TURN_AND_THROWN,
]

/**
 * Starts a server. The result makes one connection, and compares the records with what its client received.
 *
 * @param seqs the sequence numbers of all records are added here
 */
async function startChecker(build: Build, seqs: number[]) {
  const sink = memory()
  const errors: unknown[] = []
  let run: Run
  const server = createServer(
    build(sink, async (context) => {
      const index = Number(String(context.request.headers['x-request-id']).split('-')[1])
      const ours = run
      const { script } = ours.connection.requests[index] as RandomConnection['requests'][number]
      try {
        await play(script, context, (error) => errors.push(error))
      } finally {
        ours.playing -= 1
      }
    }),
  )
  // Before the framework sees the request, and so before anything can end it.
  server.prependListener('request', (_request, response) => {
    run.reached.push(response)
    run.playing += 1
  })
  const { port } = await listenOn(server)
  let runs = 0

  async function check(connection: RandomConnection): Promise<void> {
    const name = runs++
    sink.lines.length = 0
    run = { connection, reached: [], playing: 0 }
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const client = startClient(connection, port, (index) => `${name}-${index}`)
    const [serverSocket] = await accepted
    const serverClosed = new Promise((resolve) => serverSocket.on('close', resolve))
    await untilOver(client, run)
    // Node does not detect that a client is gone while its data is not read. A timeout has to end the exchange:
    // one of this test, because Node resets that of the socket with each response.
    const timeOut = setInterval(() => run.playing === 0 && serverSocket.destroy(), SILENCE_MS)
    await within(serverClosed, 'the connection to close').finally(() => clearInterval(timeOut))
    await sink.waitFor(run.reached.length, BOUND_MS)
    await nextTurn()

    const records = sink.records<{ audit: AuditRecord }>().map(({ audit }) => audit)
    seqs.push(...records.map(({ seq }) => Number(seq)))
    expect(errors).toEqual([])
    expect(records.map(({ request_id }) => request_id).sort()).toEqual(
      run.reached.map((_response, index) => `${name}-${index}`),
    )
    // close(2) with unread bytes resets the connection (RFC 9112 section 9.6): the client may lose what it has not
    // read, although all of it was sent. The server is not notified.
    const isReset =
      serverSocket.bytesRead < bytesOf(connection.requests, (index) => `${name}-${index}`).length
    expectWhatClientSaw(
      connection,
      { ...client, mayHaveLost: client.hasLeft || isReset },
      new Map(records.map((record) => [record.request_id, record])),
      run.reached.map(isDiscarded),
      name,
    )
  }

  return check
}

const STILL_ALIVE: RandomConnection = {
  requests: [{ ...get, script: [{ do: 'end', size: 5 }] }],
  client: readsAll,
}

/** Checks `runs` random connections. An error contains the seed and the path by which fast-check repeats the connection. */
export async function checkRandomConnections(build: Build, runs: number): Promise<void> {
  const seqs: number[] = []
  const results = await Promise.allSettled(
    Array.from({ length: SERVERS }, async () => {
      const check = await startChecker(build, seqs)
      await fc.assert(fc.asyncProperty(randomConnection, check), {
        numRuns: Math.ceil(runs / SERVERS),
        endOnFailure: true,
        examples: REGRESSIONS.map((connection) => [connection]),
      })
      await check(STILL_ALIVE)
    }),
  )
  for (const result of results) if (result.status === 'rejected') throw result.reason
  seqs.sort((one, other) => one - other)
  expect(seqs).toEqual(seqs.map((_seq, index) => Number(seqs[0]) + index))
}

interface Client {
  readonly socket: Socket
  received: string
  isClosed: boolean
  /** It disconnected before the server closed the connection. */
  hasLeft: boolean
}

function startClient(
  { requests, client: { kind, bytes } }: RandomConnection,
  port: number,
  idOf: (index: number) => string,
): Client {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: kind === 'half-closes' })
  const client: Client = { socket, received: '', isClosed: false, hasLeft: false }
  const disconnect = () => {
    client.hasLeft = true
    socket.destroy()
  }
  socket.setEncoding('latin1').on('error', () => {})
  socket.on('close', () => {
    client.isClosed = true
  })
  socket.on('data', (chunk) => {
    client.received += chunk
    if (kind === 'aborts after' && client.received.length >= bytes) disconnect()
    if (kind === 'reads slowly') {
      socket.pause()
      nextTurn()
        .then(nextTurn)
        .then(
          () => socket.resume(),
          () => {},
        )
    }
  })
  // After the server has half-closed, a client with `allowHalfOpen` has to end its side.
  socket.on('end', () => socket.end())
  socket.on('connect', () => {
    socket.write(bytesOf(requests, idOf), 'latin1')
    if (kind === 'aborts at once') disconnect()
    if (kind === 'half-closes') socket.end()
  })
  return client
}

/** Resolves when the connection is closed. The client closes it if a handler never responds. */
async function untilOver(client: Client, run: Run): Promise<void> {
  const giveUpAt = Date.now() + BOUND_MS
  const closed = new Promise((resolve) => client.socket.on('close', resolve))
  while (!client.isClosed) {
    const { length } = client.received
    await Promise.race([closed, delay(SILENCE_MS)])
    const isSilent = client.received.length === length && run.playing === 0
    const next = run.reached.find((response) => !response.closed)
    const isComing = next?.writableEnded && !next.destroyed
    if (client.isClosed || (!isSilent && Date.now() < giveUpAt)) continue
    if (isComing && Date.now() < giveUpAt) continue
    client.hasLeft = true
    client.socket.destroy()
    await closed
  }
}

/**
 * Since Node 24, a pipelined response that is destroyed before its turn and then ended leaves nothing, and Node sends the
 * next response in its place.
 */
function isDiscarded(response: ServerResponse & { readonly _headerSent?: boolean }): boolean {
  return response.destroyed && response._headerSent === false
}

function expectWhatClientSaw(
  { requests, client: { kind } }: RandomConnection,
  client: Client & { readonly mayHaveLost: boolean },
  records: Map<string | null, AuditRecord>,
  discarded: readonly boolean[],
  name: number,
): void {
  const recordOf = (index: number) => records.get(`${name}-${index}`)
  const answered = requests.filter(
    (_request, index) => !(discarded[index] && recordOf(index)?.http_response?.status_code === null),
  )
  const seen = parseResponses(
    client.received,
    answered.map(({ method }) => method),
  )
  const isCut = requests.some(mayCut)
  for (const [index, request] of requests.entries()) {
    const record = recordOf(index)
    if (!answered.includes(request)) {
      expect(record?.ended).not.toBe('completed')
      continue
    }
    const response = seen[answered.indexOf(request)]
    // The request did not reach the server, so there cannot be a response.
    if (record === undefined) {
      expect(response).toBeUndefined()
      continue
    }
    const { status_code } = record.http_response ?? {}
    // The handler has called sendLog(), so the record shows what was known at that time.
    if (request.script.some((action) => action.do === 'sendLog')) continue
    if (response !== undefined) expect(status_code).toBe(response.status)
    if (response?.isComplete && !isCut) expect(record.ended).toBe('completed')
    if (record.ended === 'completed' && !client.mayHaveLost && !isCut && kind !== 'half-closes') {
      expect(response?.isComplete).toBe(true)
    }
    if (record.ended === 'completed') expect(status_code).toEqual(expect.any(Number))
  }
}

async function within<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  const giveUp = new AbortController()
  const tooLate = delay(BOUND_MS, undefined, { signal: giveUp.signal }).then(() => {
    throw new Error(`Waited ${BOUND_MS} ms for ${what}`)
  })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    giveUp.abort()
    tooLate.catch(() => {})
  }
}
