import type { RequestSource } from '../http/request.js'
import type { AuditUser } from '../http/user.js'

/**
 * What an adapter tells about the requests of its framework. `Context` is what the users of the framework call the
 * request: `req` in Express, `ctx` in Koa. Every method may throw; then the record has a default in its place.
 */
export interface FrameworkAdapter<Context> {
  /** Where the request came from, by the framework's own rules for proxies. Called when the request arrives. */
  describeSource(context: Context): RequestSource
  /** The user that an authentication middleware left, if any. Called when the response has ended. */
  findUser(context: Context): AuditUser | undefined
  /** The pattern of the matched route, such as `/persons/:id`. Called when the response has ended. */
  findRoute(context: Context): string | undefined
}
