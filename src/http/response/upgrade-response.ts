import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { getBytesFlushed, hasWriteInFlight } from '../../lib/node-internals.js'
import type { ResponseRecord } from '../../record/record.js'
import { parseHeaderBlock } from '../header-block.js'
import { NO_RESPONSE, type ResponseEndListener, ResponseWatcher } from '../response-end.js'
import { isUpgradedBefore } from '../websocket.js'

/** The header of a handshake is shorter. Whatever is longer is not read as one. */
const MAX_HEADER_LENGTH = 16 * 1024

/** The 101 of a handshake that was over before the middleware was called. Its headers are not known. */
const UPGRADED: ResponseRecord = { status_code: 101, reason: 'Switching Protocols', headers: null }

/**
 * The response to a request with `Upgrade` (WebSocket) or `CONNECT`. A library writes it to the connection, and the response
 * object, if there is a real one, is not used. The exchange lasts as long as the connection.
 */
export class UpgradeResponse extends ResponseWatcher {
  readonly #connection: Duplex
  readonly #bytesBefore: number
  /** The response that was written to the connection. */
  #written: ResponseRecord | undefined
  #header = ''
  #isHeaderWatched = false

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    listener: ResponseEndListener,
    connection: Duplex,
  ) {
    super(response, listener)
    this.#connection = connection
    this.#bytesBefore = getBytesFlushed(connection)
    if (isUpgradedBefore(request)) this.#written = UPGRADED
    else this.#observeWrites()
    const onClose = () => {
      this.completeIfFlushed()
      this.notifyEnd()
    }
    if (connection.closed) process.nextTick(onClose)
    else connection.once('close', onClose)
  }

  override get isFlushed(): boolean {
    return this.#written !== undefined && !hasWriteInFlight(this.#connection)
  }

  override describe(): ResponseRecord | null {
    if (this.#written !== undefined) return this.#written
    return getBytesFlushed(this.#connection) === this.#bytesBefore ? NO_RESPONSE : null
  }

  override watchHeader(): void {
    this.#isHeaderWatched = true
    if (this.#written !== undefined) this.listener.onHeader?.()
  }

  override describeHeader(): ResponseRecord | undefined {
    return this.#written
  }

  /** Reads what is written to the connection, until the header of the response is complete. */
  #observeWrites(): void {
    const connection = this.#connection
    const { write, end } = connection
    const observe = (chunk: unknown) => {
      if (!this.#readHeader(chunk)) return
      if (this.#isHeaderWatched && this.#written !== undefined) this.listener.onHeader?.()
      // Not if somebody else has replaced them in the meantime.
      if (connection.write === observedWrite) connection.write = write
      if (connection.end === observedEnd) connection.end = end
    }
    const observedWrite = ((...args: unknown[]) => {
      const hasRoom: unknown = Reflect.apply(write, connection, args)
      observe(args[0])
      return hasRoom
    }) as Duplex['write']
    const observedEnd = ((...args: unknown[]) => {
      const result: unknown = Reflect.apply(end, connection, args)
      observe(args[0])
      return result
    }) as Duplex['end']
    connection.write = observedWrite
    connection.end = observedEnd
  }

  /** @returns whether no further bytes have to be read */
  #readHeader(chunk: unknown): boolean {
    if (typeof chunk === 'string') this.#header += chunk
    else if (chunk instanceof Uint8Array) this.#header += Buffer.from(chunk).toString('latin1')
    for (;;) {
      const header = this.#header
      if (!'HTTP/'.startsWith(header.slice(0, 5))) return true
      const end = header.indexOf('\r\n\r\n') + 4
      if (end < 4) return header.length > MAX_HEADER_LENGTH
      const response = parseHeaderBlock(header.slice(0, end), this.omitsPolicies)
      this.#header = header.slice(end)
      if (isInterim(response)) continue
      this.#written = response
      this.#header = ''
      return true
    }
  }
}

/** Another response follows a 1xx response, except after 101, which ends HTTP (RFC 9110 section 15.2.2). */
function isInterim({ status_code }: ResponseRecord): boolean {
  return status_code !== null && status_code < 200 && status_code !== 101
}
