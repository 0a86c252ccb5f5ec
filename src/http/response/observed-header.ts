// The header of a response on a runtime that does not show the block that it sends (Bun).
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { hasBody } from '../../lib/node-internals.js'
import type { ResponseRecord } from '../../record/record.js'
import { describeProperties } from './describe-response.js'

type Method = (...args: unknown[]) => unknown

/** Methods that hand the header to the connection; `writeHead` only makes it final. */
const SENDING_METHODS = ['write', 'end', 'flushHeaders'] as const

/**
 * Notes status and headers when they become final, because a handler may change `statusCode` afterwards, and whether they
 * were handed to a connection that was alive. Headers that the runtime adds by itself (Date, Connection) are unknown.
 *
 * The methods of the response are replaced by methods that pass everything on. Every response calls `writeHead`, for a
 * header that the handler did not write itself the runtime does.
 *
 * `bytesWritten` of such a connection counts the bodies of responses, and what is written to the socket itself.
 */
export class ObservedHeader {
  /** `undefined` until the header is final. */
  final: ResponseRecord | undefined
  isSent = false
  /** The application has called `destroy()` before anything was sent. Bun may then send an empty 200 by itself. */
  isDestroyedUnsent = false
  /** The application had ended the connection before the response. Bun may then send nothing of it, and reports nothing. */
  isConnectionEnded = false
  readonly #response: ServerResponse
  readonly #connection: Socket
  readonly #omitsPolicies: boolean
  #bytesWrittenBefore: number
  #onSent: (() => void) | undefined

  constructor(response: ServerResponse, connection: Socket, omitsPolicies: boolean) {
    this.#omitsPolicies = omitsPolicies
    this.#response = response
    this.#connection = connection
    this.#bytesWrittenBefore = connection.bytesWritten
    this.#observeWriteHead()
    for (const name of SENDING_METHODS) this.#observeSending(name)
    this.#observeDestroy()
    // The runtime queues what is written to a pipelined response, and sends it when the response gets the socket.
    if (response.socket === null) {
      response.once('socket', () => {
        this.#bytesWrittenBefore = connection.bytesWritten
        if (response.headersSent || response.writableEnded) this.#setSent()
      })
    }
  }

  /** The bytes of the body, or what was written to the socket if the response was not sent. */
  get bytesWritten(): number {
    return this.#connection.bytesWritten - this.#bytesWrittenBefore
  }

  /** Whether as much was written as the header declares. It is not known whether the kernel has taken all of it. */
  get isDeclaredLengthWritten(): boolean {
    if (!this.isSent) return false
    const declared = hasBody(this.#response) ? this.#response.getHeader('content-length') : 0
    return String(declared) === String(this.bytesWritten)
  }

  /** Whether the response was ended with fewer bytes than its header declares. Asked within `end` too, before `isSent` is set. */
  get isShorterThanDeclared(): boolean {
    const declared = this.#response.getHeader('content-length')
    return /^\d+$/.test(String(declared)) && this.bytesWritten < Number(declared)
  }

  /** Calls `onSent` when the header has been handed to the connection. */
  whenSent(onSent: () => void): void {
    if (this.isSent) onSent()
    else this.#onSent = onSent
  }

  #setSent(): void {
    this.isSent = true
    this.#onSent?.()
    this.#onSent = undefined
  }

  #observeWriteHead(): void {
    const methods = this.#methods
    const writeHead = methods.writeHead as Method
    methods.writeHead = (...args) => {
      const result = writeHead.apply(this.#response, args)
      this.final ??= describeProperties(this.#response, this.#omitsPolicies)
      return result
    }
  }

  #observeSending(name: (typeof SENDING_METHODS)[number]): void {
    const response = this.#response
    const send = this.#methods[name] as Method
    this.#methods[name] = (...args) => {
      const wasAlive = !this.#connection.destroyed && response.socket !== null
      if (name === 'end' && !response.writableEnded) this.isConnectionEnded = this.#connection.writableEnded
      const result = send.apply(response, args)
      if (response.headersSent && wasAlive) this.#setSent()
      return result
    }
  }

  #observeDestroy(): void {
    const destroy = this.#methods.destroy as Method
    this.#methods.destroy = (...args) => {
      if (!this.isSent && !this.#connection.destroyed) this.isDestroyedUnsent = true
      return destroy.apply(this.#response, args)
    }
  }

  get #methods(): Record<string, Method> {
    return this.#response as unknown as Record<string, Method>
  }
}
