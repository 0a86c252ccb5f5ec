/** A response that the handler has ended, and whose last byte has not been sent. */
export interface HeldResponse {
  /**
   * Sends the last byte.
   * @returns whether the last byte was handed to the connection
   */
  release(): boolean
  /** Sends 503 if nothing of the response has been sent, else aborts the response. */
  refuse(): Refusal
}

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
   * returned, and keeps the connection from counting as idle.
   */
  prepareToWait(): void
}

/** The seconds after which a client may repeat a request that was refused. */
export const RETRY_AFTER_S = '5'

/** Copies a buffer, which the handler may reuse. Strings are immutable. */
export function copyBuffer(data: unknown): unknown {
  return data instanceof Uint8Array ? Buffer.from(data) : data
}
