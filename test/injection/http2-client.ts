// Makes the request of a case over HTTP/2, and another one on the same connection.
import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import type { Case } from './applications/application.js'
import { maskDates } from './http1-client.js'

/** Generous, because many exchanges run side by side on a busy machine. */
const TIMEOUT_MS = 60_000

export interface Http2Result {
  readonly streams: readonly StreamResult[]
  readonly isSessionOpen: boolean
}

interface StreamResult {
  /** All header blocks in the order of their arrival, as JSON, with all dates made constant. */
  readonly headers: readonly string[]
  readonly body: string
  readonly resetCode: number | undefined
  readonly error: string | undefined
}

/** @param arrival resolves when the request has reached the server */
export async function exchangeHttp2(
  each: Case,
  port: number,
  isTls: boolean,
  arrival: Promise<unknown>,
): Promise<Http2Result> {
  const session = connect(`${isTls ? 'https' : 'http'}://127.0.0.1:${port}`, { rejectUnauthorized: false })
  session.on('error', () => {})
  try {
    const streams = [await exchangeStream(session, each, arrival)]
    const isSessionOpen = !session.closed && !session.destroyed
    if (isSessionOpen) streams.push(await exchangeStream(session, { path: '/json' }, arrival))
    return { streams, isSessionOpen }
  } finally {
    const closed = session.destroyed ? undefined : once(session, 'close')
    session.destroy()
    await closed
  }
}

function exchangeStream(
  session: ClientHttp2Session,
  { path, method = 'GET', headers, body, client = 'reads all' }: Case,
  arrival: Promise<unknown>,
): Promise<StreamResult> {
  const stream = session.request(
    { ':path': path, ':method': method, ...headers, ...(body && { 'content-length': String(body.length) }) },
    { endStream: body === undefined },
  )
  if (body !== undefined) stream.end(body)
  const blocks: string[] = []
  let received = ''
  let error: string | undefined
  const addBlock = (block: object) => void blocks.push(maskDates(JSON.stringify(block)))
  stream.on('headers', addBlock).on('response', addBlock).on('trailers', addBlock)
  stream.setEncoding('latin1')
  stream.on('data', (chunk) => {
    received += chunk
    if (client === 'leaves after the first bytes') stream.close(8)
  })
  stream.on('error', ({ message }) => {
    error = message
  })
  if (client === 'leaves on arrival') void arrival.then(() => stream.close(8))
  const timeOut = setTimeout(() => stream.destroy(new Error('timeout')), TIMEOUT_MS)
  return new Promise((resolve) => {
    stream.on('close', () => {
      clearTimeout(timeOut)
      resolve({ headers: blocks, body: received, resetCode: stream.rstCode, error })
    })
  })
}
