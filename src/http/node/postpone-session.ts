// Postpones `session.destroy()` while a response on one of the streams of the HTTP/2 session is held.
import type { Http2Session } from 'node:http2'

type Destroy = (...args: unknown[]) => unknown

const postponerKey = Symbol('http-audit-log session postponer')

/** Postpones the call that destroys one session, and makes it when its held responses have been sent. */
export class SessionPostponer {
  readonly #session: object
  #call: (() => unknown) | undefined
  /** The responses that are held or being sent. */
  #count = 0

  /** The postponer of a session. */
  static of(session: Http2Session & { [postponerKey]?: SessionPostponer }): SessionPostponer {
    session[postponerKey] ??= new SessionPostponer(session)
    return session[postponerKey]
  }

  private constructor(session: object) {
    this.#session = session
    const methods = session as { destroy: Destroy }
    const { destroy } = methods
    methods.destroy = (...args) => {
      const call = () => destroy.apply(session, args)
      if (this.#count === 0 || isConnectionError(args[0])) return call()
      this.#call ??= call
      return undefined
    }
  }

  /** From now on the session stays open until `stop` was called as often. */
  start(): void {
    this.#count += 1
  }

  stop(): void {
    this.#count -= 1
    const call = this.#call
    if (this.#count > 0 || call === undefined) return
    this.#call = undefined
    if (!(this.#session as { destroyed?: boolean }).destroyed) call()
  }
}

/** An error of the kernel (ECONNRESET) or of nghttp2: nothing can be sent any more. */
function isConnectionError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error
}
