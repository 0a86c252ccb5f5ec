/** A response that the handler has ended, and whose end has not been sent. */
export interface HeldResponse {
  /** Sends what is held. */
  release(): Release
  /** Sends 503 if nothing of the response has been sent, else aborts the response. */
  refuse(): Refusal
}

/**
 * The outcome of `release()`:
 * - `sent`: everything was handed to the connection.
 * - `queued`: Node sends it when the responses before it on the same connection have been sent.
 * - `failed`: the connection has closed, or Node rejected the response.
 */
export type Release = 'sent' | 'queued' | 'failed'

/**
 * The outcome of `refuse()`:
 * - `sent`: 503, through the response object, which shows what was sent.
 * - `written`: 503, to the socket; the response object still shows the response of the handler.
 * - `aborted`: no response, because a part of it was sent before.
 */
export type Refusal = 'sent' | 'written' | 'aborted'

/** A held response as `holdResponse` sees it, while `onEnd` has not decided. */
export interface PendingResponse extends HeldResponse {
  /**
   * Prepares for an asynchronous decision: copies the buffers, since the handler may reuse them once `end` has
   * returned, and postpones what would close the connection.
   */
  prepareToWait(): void
}

/** Called when the handler has ended a response. Returns whether it has called `release` or `refuse` already. */
export type OnEnd = (held: HeldResponse) => boolean

// The overloads of `end` have only their result type in common.
export type End = (chunk?: unknown, encoding?: unknown, callback?: unknown) => unknown

export type EndArguments = [chunk: unknown, encoding: unknown, callback: unknown]

/** Copies a buffer, which the handler may reuse. Strings are immutable. */
export function copyBuffer(data: unknown): unknown {
  return data instanceof Uint8Array ? Buffer.from(data) : data
}

/** Whether a chunk is of a type that every version of Node accepts. Node throws for most others. */
export function isBody(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || chunk instanceof Uint8Array
}
