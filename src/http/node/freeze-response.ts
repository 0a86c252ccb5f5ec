// Makes a response whose `end` is deferred look and behave as Node's does after `end`.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getHttpModule } from '../../lib/http-module.js'
import { readSafely } from '../../lib/safe-read.js'
import { callOnceSent } from './postpone-close.js'
import { ShadowProperties } from './shadow-properties.js'

/** Node throws for these once the header is final (lib/_http_outgoing.js, lib/_http_server.js). */
const HEADER_METHODS = {
  writeHead: 'write headers',
  setHeader: 'set headers',
  setHeaders: 'set headers',
  appendHeader: 'append headers',
  removeHeader: 'remove headers',
} as const
/** These have no effect after `end`. */
const IGNORED_METHODS = ['addTrailers', 'flushHeaders'] as const

type Callback = (error?: Error) => void

/**
 * A response that may not change until its `end` is called. `headersSent` is true meanwhile: an error handler that did not know
 * would try to send another response. What destroys the response is postponed until it has been sent.
 */
export class FrozenResponse {
  readonly #response: ServerResponse
  readonly #shadows: ShadowProperties
  readonly #requestShadows: ShadowProperties | undefined
  #postponed: (() => unknown)[] = []

  constructor(response: ServerResponse) {
    const request = readSafely((): IncomingMessage | undefined => response.req) ?? undefined
    this.#response = response
    this.#shadows = new ShadowProperties(response)
    for (const [name, action] of Object.entries(HEADER_METHODS)) {
      this.#replace(name, () => {
        throw createError('ERR_HTTP_HEADERS_SENT', `Cannot ${action} after they are sent to the client`)
      })
    }
    for (const name of IGNORED_METHODS) this.#replace(name, () => undefined)
    this.#replace('write', (...args) => this.#write(args))
    this.#replace('end', (...args) => this.#end(args))
    this.#postponeDestroy(response, this.#shadows)
    if (request !== undefined) {
      this.#requestShadows = new ShadowProperties(request)
      this.#postponeDestroy(request, this.#requestShadows)
    }
    shadow(this.#shadows, 'headersSent', true)
  }

  /** From now on the response can be changed again, so that it can be sent. */
  thaw(): void {
    this.#shadows.remove()
    this.#requestShadows?.remove()
  }

  /** Makes the postponed calls once the response has been sent. */
  destroyOnceSent(): void {
    const calls = this.#postponed
    if (calls.length === 0) return
    this.#postponed = []
    callOnceSent(this.#response, () => {
      // Nobody can catch what they throw: their caller has returned.
      for (const call of calls) readSafely(call)
    })
  }

  #replace(name: string, method: (...args: unknown[]) => unknown): void {
    if (typeof (this.#response as unknown as Record<string, unknown>)[name] === 'function')
      shadow(this.#shadows, name, method)
  }

  #postponeDestroy(target: IncomingMessage | ServerResponse, shadows: ShadowProperties): void {
    const destroy: unknown = target.destroy
    if (typeof destroy !== 'function') return
    shadow(shadows, 'destroy', (...args: unknown[]) => {
      this.#postponed.push(() => destroy.apply(target, args))
      return target
    })
  }

  #write([chunk, encoding, callback]: unknown[]): boolean {
    if (chunk === null) throw createError('ERR_STREAM_NULL_VALUES', 'May not write null values to stream')
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) {
      const message = 'The "chunk" argument must be of type string or an instance of Buffer or Uint8Array.'
      throw createError('ERR_INVALID_ARG_TYPE', message, TypeError)
    }
    this.#failWrite(typeof encoding === 'function' ? encoding : callback)
    return false
  }

  #end([chunk, encoding, callback]: unknown[]): ServerResponse {
    const onEnded = [chunk, encoding, callback].find((argument) => typeof argument === 'function')
    if (chunk && typeof chunk !== 'function') this.#failWrite(onEnded)
    else if (onEnded !== undefined) this.#response.once('finish', onEnded as () => void)
    return this.#response
  }

  /** As `emitErrorNt` (Node, lib/_http_outgoing.js). A response of another class emits nothing that nobody listens for. */
  #failWrite(callback: unknown): void {
    const response = this.#response
    const error = createError('ERR_STREAM_WRITE_AFTER_END', 'write after end')
    process.nextTick(() => {
      if (typeof callback === 'function') (callback as Callback)(error)
      const isNodeResponse: boolean = response instanceof getHttpModule().ServerResponse
      const isHeard = isNodeResponse || readSafely(() => response.listenerCount('error') > 0) === true
      if (isHeard && !response.destroyed) response.emit('error', error)
    })
  }
}

/** A stand-in may have properties that cannot be replaced. */
function shadow(shadows: ShadowProperties, name: string, value: unknown): void {
  readSafely(() => shadows.set(name, value))
}

function createError(code: string, message: string, ErrorClass: ErrorConstructor = Error): Error {
  return Object.assign(new ErrorClass(message), { code })
}
