import type { RequestSource } from '../http/request.js'
import type { Circumstances } from '../http/user/evidence.js'
import type { UserFinding } from '../http/user/find-user.js'

/**
 * Describes the requests of one framework. `Context` is the framework's name for a request: `req` in Express, `ctx` in
 * Koa. Every method may throw; then the record has a default in its place.
 */
export interface FrameworkAdapter<Context> {
  /** Where the request came from, by the framework's own rules for proxies. Called when the request arrives. */
  describeSource(context: Context): RequestSource
  /** The request id that a middleware of the application left, if any. Called when the record is written. */
  findRequestId(context: Context): string | undefined
  /**
   * The properties that usually change when a user logs in or out: `user`, `auth`, and `authInfo`, which Passport sets when it has
   * authenticated the request. Their objects are not read, nor are getters called. Called often.
   */
  getUser(context: Context): unknown
  getAuth(context: Context): unknown
  getAuthInfo(context: Context): unknown
  /** The session, if it can be read without an effect on the response. Called often. */
  getSession(context: Context): unknown
  /** The user that an authentication middleware left, if any. Never throws. */
  findUser(context: Context, circumstances: Circumstances): UserFinding
  /** Whether the client has sent credentials that nobody is known to have refused. */
  hasCredentials(context: Context): boolean
  /**
   * Suggests the parts of a record by the `audited()` of the route that the request is in, if the request has failed before it.
   * Called when the response has ended.
   */
  suggestUnreached(context: Context): void
  /** The route parameters, if a router has set them. Called when the response has ended. */
  findParams(context: Context): unknown
  /**
   * The pattern of the matched route, such as `/persons/:id`, if it fits the whole path of the request target. `null` if
   * there is a route that does not, and `undefined` if there is none. Called when the response has ended.
   */
  findRoute(context: Context, target: string): string | null | undefined
}
