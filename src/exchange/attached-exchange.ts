// Attaches the exchange and the logger to a request, and finds them again: a middleware may be mounted more than once.

import { ATTACHMENT_KEY } from '../http/attachment.js'
import type { Phase } from '../http/user/evidence.js'
import { readSafely } from '../lib/safe-read.js'
import { type AuditLogger, findBuilder } from '../logger/audit-logger.js'
import type { RecordBuilder } from '../logger/record-builder.js'
import type { OutputOptions } from './output-options.js'

/**
 * Whether the request is inside the route that the framework shows: `unknown` if the adapter does not see it, `left` if the
 * route passed the request on, and `failed` if it did so with an error, which an error handler answers for it.
 */
export type RouteState = 'unknown' | 'inside' | 'left' | 'failed'

/** The methods of an exchange that another middleware may call, possibly one from the other build of this package. */
export interface AttachedExchange {
  readonly logger: AuditLogger
  readonly builder: RecordBuilder
  /** The method that the client sent. */
  readonly method: string
  /** The request got a 503 response, because it could not be recorded: its handler must not run. */
  readonly isRefused: boolean
  /** Written by the adapter. */
  routeState: RouteState
  /** Whether a middleware with these options would write the same line to the same sink. */
  hasSameOutput(options: OutputOptions): boolean
  /** Remembers who is logged in at this moment. Never throws. */
  observeUser(next: Phase, isForced: boolean): void
  /** Holds the response back until the sink has accepted its record, or refuses the request if the sink is down. */
  enforceFailClosed(): void
}

interface RequestWithExchange {
  /** The method, before the request has an exchange. */
  [ATTACHMENT_KEY]?: AttachedExchange | string
}

export function getExchange(request: object): AttachedExchange | undefined {
  const attached = (request as RequestWithExchange)[ATTACHMENT_KEY]
  return typeof attached === 'object' ? attached : undefined
}

export function setExchange(request: object, exchange: AttachedExchange): void {
  ;(request as RequestWithExchange)[ATTACHMENT_KEY] = exchange
}

/** The object with the `audit` property: the request of Express, the context of Koa. */
interface LoggerHolder {
  audit?: unknown
}

/** Sets `req.audit` or `ctx.audit`. */
export function attachLogger(holder: LoggerHolder, logger: AuditLogger): void {
  try {
    holder.audit = logger
  } catch {
    // The application has defined an `audit` property that cannot be set.
  }
}

/** The builder of the request's record, even if the application has overwritten its `audit` property. */
export function findRequestBuilder(
  request: object | undefined,
  holder: LoggerHolder,
): RecordBuilder | undefined {
  const exchange = request && getExchange(request)
  // A request has a logger without an exchange if it is exempt, or in a unit test of the application.
  return exchange === undefined ? findBuilder(readSafely(() => holder.audit)) : exchange.builder
}
