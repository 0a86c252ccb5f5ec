import type { RequestSource } from '../http/request.js'
import type { AuditUser } from '../http/user.js'

/**
 * Describes the requests of one framework. `Context` is the framework's name for a request: `req` in Express, `ctx` in
 * Koa. Every method may throw; then the record has a default in its place.
 */
export interface FrameworkAdapter<Context> {
  /** Where the request came from, by the framework's own rules for proxies. Called when the request arrives. */
  describeSource(context: Context): RequestSource
  /** The user that an authentication middleware left, if any. Called when the response has ended. */
  findUser(context: Context): AuditUser | undefined
  /** The pattern of the matched route, such as `/persons/:id`. Called when the response has ended. */
  findRoute(context: Context): string | undefined
}
