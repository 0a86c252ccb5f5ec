import { ALL_TRANSPORTS, type Application } from './application.js'
import { findNodeRoute } from './node-routes.js'

export const nodeHttp: Application = {
  name: 'node:http',
  transports: ALL_TRANSPORTS,
  cases: [{ path: '/missing' }],
  build: () => async (request, response) => {
    try {
      const route = findNodeRoute(request)
      if (route === undefined) response.writeHead(404).end('Not found')
      else await route(request, response)
    } catch {
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end('Internal')
    }
  },
}
