import connect from 'connect'
import { ALL_TRANSPORTS, type Application } from './application.js'
import { findNodeRoute } from './node-routes.js'

export const connectApplication: Application = {
  name: 'Connect',
  transports: ALL_TRANSPORTS,
  // Answered by finalhandler.
  cases: [{ path: '/missing' }, { path: '/missing', method: 'POST', body: 'b'.repeat(1000) }],
  build() {
    const app = connect()
    app.use((request, response, next) => {
      const route = findNodeRoute(request)
      if (route === undefined) next()
      // A handler that throws synchronously does so into Connect.
      else Promise.resolve(route(request, response)).catch(next)
    })
    return app
  },
}
