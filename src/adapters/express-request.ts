import type { IncomingMessage, ServerResponse } from 'node:http'
import { callSync } from '../lib/call-sync.js'
import { suppressRejection } from '../lib/safe-read.js'

/** The properties that Express, Connect and authentication middleware add to a request. Each may be missing. */
export type ExpressRequest = IncomingMessage & {
  audit?: unknown
  id?: unknown
  requestId?: unknown
  app?: SettingsHolder
  originalUrl?: string
  protocol?: string
  ip?: string
  baseUrl?: string
  route?: { path?: unknown; stack?: unknown }
  params?: unknown
  query?: unknown
  body?: unknown
  res?: ServerResponse
  user?: unknown
  auth?: unknown
  oidc?: unknown
  kauth?: unknown
  session?: unknown
}

interface SettingsHolder {
  get?(setting: string): unknown
}

/**
 * Reads a setting of the Express app.
 *
 * @throws whatever the `get` of the app throws
 */
export function readSetting(request: ExpressRequest, name: string): unknown {
  const app = suppressRejection(request.app)
  // Express puts `app` on the prototype of its requests, and its apps are functions. Any other own `app` is not Express's.
  if (typeof app !== 'function' && Object.hasOwn(request, 'app')) return undefined
  return callSync(() => (app as SettingsHolder | undefined)?.get?.(name))
}
