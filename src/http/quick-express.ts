// Express made quick on Node 20 and 22, where V8 describes each of its requests and responses anew: property-table.ts says
// why, and what helps. Here is when: best before Express adds anything to them, of which each takes 2 to 6 µs and 1 KB.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { DESCRIBES_ANEW, keepInTables } from './property-table.js'
import { onRequestStart, type RequestStart } from './request-start.js'

/** An app of Express, and the prototypes that it gives to what it handles. */
export interface ExpressApp {
  readonly request?: object
  readonly response?: object
}

/** The app of each server that hands its requests to this app and nobody else, as `app.listen()` makes one. */
const appsOfServers = new WeakMap<Server, ExpressApp>()
let isListening = false

/**
 * Called for each request that an app of Express handles. From the second on, those of a server that knows nobody else are
 * prepared when they start. Others are now: that is half as good.
 */
export function makeQuick(request: IncomingMessage & { app?: ExpressApp }, response: ServerResponse): void {
  if (!DESCRIBES_ANEW) return
  try {
    const { app } = request
    // Express has swapped its prototype for one that knows the app. An own one may be anybody's.
    if (app === undefined || Object.hasOwn(request, 'app')) return
    const { server } = request.socket as { server?: Server }
    if (server !== undefined && appsOfServers.get(server) === app) return
    if (server !== undefined && handsAllTo(app, server)) remember(app, server, request, response)
    keepInTables(request, response)
  } catch {
    // A getter or a Proxy of the application's own. It may be as slow as it was.
  }
}

/** So that nobody can see the prototypes before this app would have swapped them itself. */
function handsAllTo(app: ExpressApp, server: Server): boolean {
  return server.listeners('request')[0] === app
}

function remember(app: ExpressApp, server: Server, request: object, response: object): void {
  if (Object.getPrototypeOf(request) !== app.request) return
  if (Object.getPrototypeOf(response) !== app.response) return
  appsOfServers.set(server, app)
  if (!isListening) onRequestStart(prepare)
  isListening = true
}

/** What Express is about to do, and the table before it adds the first property. */
function prepare({ request, response, server }: RequestStart): void {
  const app = appsOfServers.get(server)
  // Those with an `Expect` may go to other listeners of the server.
  if (app === undefined || request.headers.expect !== undefined) return
  try {
    if (!handsAllTo(app, server)) {
      appsOfServers.delete(server)
      return
    }
    Object.setPrototypeOf(request, app.request as object)
    Object.setPrototypeOf(response, app.response as object)
    keepInTables(request, response)
  } catch {
    appsOfServers.delete(server)
  }
}
