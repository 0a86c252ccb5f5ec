import type { RequestSource } from '../http/request.js'
import type { AuditUser } from '../http/user.js'

/** What a framework knows of its requests. `Context` is what its users call a request. */
export interface FrameworkAdapter<Context> {
  /** Where a request came from, asked in a way that may fail. */
  describeSource(context: Context): RequestSource
  /** The user that the framework's authentication left, if any. Asked at the end. */
  findUser(context: Context): AuditUser | undefined
  /** The pattern by which the framework chose the handler, where it tells. Asked at the end. */
  findRoute(context: Context): string | undefined
}
