// Postpones what closes a connection whose response is held: a client that ends its side, an error handler that
// destroys the socket, `server.close()`, a time-out, a malformed next request.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { destroyAfterWrites, getCurrentResponse, isClosedByRuntime } from '../../lib/node-internals.js'

/** A client that does not read must not keep a connection open that was to be closed. */
const MAX_SEND_MS = 1000

/** Calls a function when a response has been sent, or when the client has not taken it for a second. */
export function callOnceSent(response: NodeJS.EventEmitter, callback: () => void): void {
  let isCalled = false
  const callOnce = () => {
    if (isCalled) return
    isCalled = true
    clearTimeout(timer)
    callback()
  }
  const timer = setTimeout(callOnce, MAX_SEND_MS)
  timer.unref()
  response.once('finish', callOnce)
  response.once('close', callOnce)
}

/**
 * `write`, because Node writes a 400 for a malformed next request, which must not come before the held response. It is postponed
 * only while a response is held: once the connection is the next response's, that one may have been released before.
 */
const CLOSING_METHODS = ['write', 'end', 'destroySoon', 'destroy', 'resetAndDestroy'] as const
type ClosingMethod = (typeof CLOSING_METHODS)[number]
type SocketMethod = (...args: unknown[]) => unknown
type SocketMethods = { [Name in ClosingMethod]?: SocketMethod }

const postponerKey = Symbol('http-audit-log close postponer')

/**
 * Postpones the calls that close one HTTP/1 connection, and makes them when its responses have been sent.
 *
 * Hot path: the methods of a socket are replaced once, when the connection first needs it, and are not restored:
 * deleting properties again for each response would make the socket slow.
 */
export class ClosePostponer {
  readonly #socket: Duplex
  #calls: (() => unknown)[] = []
  /** The responses that are held or being sent. */
  #count = 0
  #isHeld = false

  /** The postponer of a connection. */
  static of(socket: Duplex & { [postponerKey]?: ClosePostponer }): ClosePostponer {
    socket[postponerKey] ??= new ClosePostponer(socket)
    return socket[postponerKey]
  }

  private constructor(socket: Duplex) {
    this.#socket = socket
    const methods = socket as SocketMethods
    for (const name of CLOSING_METHODS) {
      const method = methods[name]
      if (typeof method === 'function') methods[name] = this.#createPostponing(name, method)
    }
  }

  /** From now on the connection stays open until `stopAfter` or `cancel`. */
  start(): void {
    this.#count += 1
    this.#isHeld = true
  }

  /** From now on Node may write to the socket. */
  allowWrites(): void {
    this.#isHeld = false
  }

  /** Makes the postponed calls when a response has been sent, unless a later one is held or not yet ended. */
  stopAfter(response: ServerResponse): void {
    const stop = () => {
      // 0 after `cancel`.
      this.#count = Math.max(this.#count - 1, 0)
      if (this.#count > 0 || this.#calls.length === 0) return
      const current = getCurrentResponse(this.#socket)
      if (current && current !== response && !this.#socket.destroyed) {
        this.#count += 1
        this.stopAfter(current)
        return
      }
      const calls = this.#calls
      this.cancel()
      for (const call of calls) this.#callPostponed(call)
    }
    // Hot path: the kernel has taken the response, and nothing is postponed, so no listener and no timer is needed.
    if (this.#calls.length === 0 && this.#socket.writableLength === 0)
      this.#count = Math.max(this.#count - 1, 0)
    // Node takes the socket from a response when it emits `finish`.
    else if (response.destroyed || response.socket === null || this.#socket.destroyed) stop()
    else callOnceSent(response, stop)
  }

  /** Drops the postponed calls: the connection is about to be closed. */
  cancel(): void {
    this.#count = 0
    this.#isHeld = false
    this.#calls = []
  }

  /** The caller of a postponed method has returned, so nobody can catch what the method throws. */
  #callPostponed(call: () => unknown): void {
    try {
      call()
    } catch {
      destroyAfterWrites(this.#socket)
    }
  }

  #createPostponing(name: ClosingMethod, method: SocketMethod): SocketMethod {
    return (...args) => {
      const socket = this.#socket
      const isPassed = this.#count === 0 || socket.destroyed || (name === 'write' && !this.#isHeld)
      if (
        isPassed ||
        isClosedByRuntime(socket) ||
        (name === 'destroy' && isSystemError(args[0])) ||
        throws(socket, name, args)
      )
        return method.apply(socket, args)
      this.#calls.push(() => method.apply(socket, args))
      if (name === 'write') return true
      return name === 'destroySoon' ? undefined : socket
    }
  }
}

/** Whether Node throws for the call before it does anything, which the caller can then handle. */
function throws(socket: Duplex, name: ClosingMethod, [chunk, encoding]: unknown[]): boolean {
  // Node throws for a connection that is not TCP (lib/net.js): TLS, and a pipe, which has no address.
  if (name === 'resetAndDestroy') return 'encrypted' in socket || !(socket as Socket).remoteAddress
  if (name !== 'write' && name !== 'end') return false
  const hasNoChunk = chunk === undefined || chunk === null || typeof chunk === 'function'
  if (hasNoChunk) return name === 'write'
  if (typeof chunk === 'string') return isUnknownEncoding(encoding)
  return !ArrayBuffer.isView(chunk) && !socket.writableObjectMode
}

function isUnknownEncoding(encoding: unknown): boolean {
  return typeof encoding === 'string' && !['', 'buffer'].includes(encoding) && !Buffer.isEncoding(encoding)
}

/** An error of the kernel (ECONNRESET, EPIPE): nothing can be sent any more. */
function isSystemError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error
}
