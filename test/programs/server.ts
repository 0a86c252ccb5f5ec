// A server whose stdout a test reads. The path of a request selects what its handler does.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { auditLog } from 'http-audit-log'

const audit = auditLog()
const server = createServer((request, response) => {
  const logger = audit(request, response)
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  if (pathname === '/exit') response.on('close', () => process.exit(0))
  if (pathname === '/noise') console.log('a line of the application')
  logger.info('x'.repeat(Number(searchParams.get('size') ?? 0)))
  response.end('ok')
})
server.listen(0, '127.0.0.1', () =>
  console.error(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`),
)
