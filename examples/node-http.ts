// Without a framework: call the middleware with the request and the response. It returns the logger of the request.
import { auditLog } from 'http-audit-log'
import { listen } from './listen.js'

const audit = auditLog()

listen((request, response) => {
  audit(request, response).setFilter('Person', {}).info('List Person')
  response.setHeader('content-type', 'application/json')
  response.end('[]')
})
