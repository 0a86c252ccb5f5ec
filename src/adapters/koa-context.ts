import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AuditLogger } from '../logger/audit-logger.js'

/** The part of a Koa context that the middleware uses. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly app?: { readonly proxy?: boolean; readonly request?: object; readonly context?: object }
  readonly protocol: string
  readonly host: string
  readonly method: string
  readonly path: string
  readonly originalUrl: string
  readonly ip: string
  // biome-ignore lint/suspicious/noExplicitAny: Koa declares its state as any.
  readonly state: any
  audit: AuditLogger
}
