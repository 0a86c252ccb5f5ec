import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Duplex, Writable } from 'node:stream'
import { getHttpModule } from '../../lib/http-module.js'
import { getHeaderBlock, getServer } from '../../lib/node-internals.js'
import { readSafely } from '../../lib/safe-read.js'
import type { ResponseRecord } from '../../record/record.js'
import { parseHeaderBlock } from '../header-block.js'
import {
  NO_RESPONSE,
  type ResponseEnding,
  type ResponseEndListener,
  ResponseWatcher,
} from '../response-end.js'
import { describeProperties } from './describe-response.js'

/** How long a response that was ended may take to emit `finish`. A stand-in may never emit it. */
const FINISH_TIMEOUT_MS = 1000

/** A property of a response that may be any object. */
type Property = 'destroy' | 'end' | 'headersSent' | 'socket' | 'writableEnded' | 'writableFinished'

/**
 * A response without a connection of an HTTP server: of a serverless adapter, of a test that injects requests, or a mock.
 *
 * Nothing shows what the client receives, so the record has what the response was given, and a response that its stand-in
 * has taken counts as completed. Stand-ins have in common that `end` is called; some emit `finish` then, others nothing.
 */
export class StandInResponse extends ResponseWatcher {
  #isEnded = false
  #timer: NodeJS.Timeout | undefined
  /** Whether the header goes out as Node has written it, whatever the properties are changed to later. */
  readonly #isBlockSent: boolean
  /** The response as it was at `finish`: the stand-in takes it then, and later changes of its properties have no effect. */
  #finished: ResponseRecord | undefined

  constructor(request: IncomingMessage, response: ServerResponse, listener: ResponseEndListener) {
    super(response, listener)
    this.#isBlockSent = readSafely(() => isBlockSent(response)) === true
    this.#listen('finish', () => this.#onFinish())
    this.#listen('close', () => this.#endWith(this.#isEndCalled ? 'completed' : 'aborted'))
    if (this.#read('writableFinished') === true) this.#endWith('completed')
    else {
      this.#watchCalls('end', () => this.#onEnd())
      this.#watchCalls('destroy', () => this.#isEndCalled || this.#endWith('aborted'))
    }
    this.#watchConnection(request)
  }

  override get isFlushed(): boolean {
    return this.ending === 'completed' || this.#read('writableFinished') === true
  }

  override describe(isComplete: boolean): ResponseRecord {
    const block = readSafely(() => getHeaderBlock(this.response))
    // A response whose `end` is deferred has `headersSent` set early.
    const isHeaderSent =
      this.#read('headersSent') === true && (block !== undefined || !this.listener.isResponseHeld)
    if (!isComplete && !this.#isEndCalled && !isHeaderSent) return NO_RESPONSE
    if (this.#isBlockSent && block !== undefined) return parseHeaderBlock(block, this.omitsPolicies)
    return this.#finished ?? describeStandIn(this.response, block, this.omitsPolicies)
  }

  override watchHeader(): void {
    // The response may be frozen.
    readSafely(() => super.watchHeader())
  }

  override describeHeader(): ResponseRecord | undefined {
    // `failClosed` may yet replace the response, and nothing shows what has left.
    if (this.listener.isResponseHeld) return undefined
    const block = readSafely(() => getHeaderBlock(this.response))
    return this.#isBlockSent && block !== undefined
      ? parseHeaderBlock(block, this.omitsPolicies)
      : describeStandIn(this.response, block, this.omitsPolicies)
  }

  protected override onNotified(): void {
    clearTimeout(this.#timer)
  }

  get #isEndCalled(): boolean {
    return this.#isEnded || this.#read('writableEnded') === true
  }

  /**
   * A microtask: what the handler sets after it has ended the response still gets into the record, and the record is written
   * before a promise resolves on which the adapter waits, after which a serverless platform may freeze the process.
   */
  #endWith(ending: ResponseEnding): void {
    if (this.ending !== 'completed') this.ending = ending
    queueMicrotask(() => this.notifyEnd())
  }

  /** A proxy, because a test may expect its own mock function in `response.end`. */
  #watchCalls(name: 'destroy' | 'end', onCalled: () => void): void {
    const method = this.#read(name)
    if (typeof method !== 'function') return
    try {
      this.response[name] = new Proxy(method as ServerResponse['end'], {
        apply(target, self, callArguments) {
          const result: unknown = Reflect.apply(target, self, callArguments)
          onCalled()
          return result
        },
      })
    } catch {
      // The response is frozen, so only its events show its end.
    }
  }

  #onFinish(): void {
    const block = readSafely(() => getHeaderBlock(this.response))
    if (block !== undefined) this.#finished ??= describeStandIn(this.response, block, this.omitsPolicies)
    this.#endWith('completed')
  }

  #onEnd(): void {
    this.#isEnded = true
    if (this.#read('writableFinished') === true) this.#endWith('completed')
    // A response of Node's own class that was assigned no socket keeps its output.
    else if (this.#read('socket') === null) this.#endWith('unknown')
    else if (this.#read('writableFinished') === undefined) this.#endWith('completed')
    else this.#timer ??= setTimeout(() => this.#endWith('unknown'), FINISH_TIMEOUT_MS).unref()
  }

  /** A response that nobody ends must not stay in memory for longer than its connection, if there is one after all. */
  #watchConnection(request: IncomingMessage): void {
    const connection = readSafely(() => request.socket as Duplex)
    if (connection === undefined || connection === null || getServer(connection) === undefined) return
    connection.once('close', () => this.#endWith(this.#isEndCalled ? 'unknown' : 'aborted'))
  }

  #listen(event: string, onEvent: () => void): void {
    readSafely(() => this.response.on(event, onEvent))
  }

  #read(property: Property): unknown {
    return readSafely(() => this.response[property])
  }
}

/**
 * `getHeaders()` has no headers if all of them were passed to `writeHead`. Otherwise it is preferred, since stand-ins do not hand
 * over the headers that Node adds for a connection.
 */
function describeStandIn(
  response: ServerResponse,
  block: string | undefined,
  omitsPolicies: boolean,
): ResponseRecord {
  const properties = describeProperties(response, omitsPolicies)
  const hasHeaders = Object.keys(readSafely(() => response.getHeaders()) ?? {}).length > 0
  if (hasHeaders || block === undefined) return properties
  return { ...properties, headers: parseHeaderBlock(block, omitsPolicies).headers }
}

/**
 * Whether Node writes the response to a stream that was assigned in place of a connection. A stand-in whose class replaces
 * `write` reads the properties at the end, except light-my-request when it streams: it answers within `writeHead`.
 */
function isBlockSent(response: ServerResponse & LightMyResponse): boolean {
  if (response._lightMyRequest?.stream !== undefined) return true
  return (
    response.socket instanceof Writable && response.write === getHttpModule().ServerResponse.prototype.write
  )
}

interface LightMyResponse {
  readonly _lightMyRequest?: { readonly stream?: unknown }
}
