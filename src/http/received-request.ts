import type { RequestRecord } from '../record/record.js'

/**
 * A request by the parts of its URL. Hot path: the URL is composed when it is asked for, because the line of a usual exchange is made
 * of the parts.
 */
export class ReceivedRequest implements RequestRecord {
  readonly method: string
  /** Scheme, host and port. Empty if the client sent an absolute URL as the target. */
  readonly origin: string
  /** Path and query. */
  readonly target: string
  readonly user_agent: string

  constructor(method: string, origin: string, target: string, userAgent: string) {
    this.method = method
    this.origin = origin
    this.target = target
    this.user_agent = userAgent
  }

  get url(): string {
    return this.origin + this.target
  }
}
