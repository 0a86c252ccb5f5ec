// A process that ends while children of an open exchange, and of one that has ended, were not sent.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AuditLogger, auditLog, file } from 'http-audit-log'

const audit = auditLog({ sink: file(process.env.AUDIT_FILE ?? '') })
let answered: AuditLogger | undefined
let late: AuditLogger | undefined

const server = createServer((request, response) =>
  audit(request, response, () => {
    const { audit: logger } = request as unknown as { audit: AuditLogger }
    if (request.url === '/answered') {
      answered = logger.info('answered')
      response.end('ok')
      return
    }
    logger.info('open').child().info('child').child().info('grandchild')
    late = answered?.child().setAction('send_mail', { type: 'Person', id: 7 })
    if (process.env.ENDING === 'process.exit') process.exit(3)
    if (process.env.ENDING === 'an uncaught error') throw new Error(`late: ${late !== undefined}`)
    process.once('SIGTERM', () => {
      server.close()
      response.end()
      void audit.close().finally(() => process.exit(0))
    })
    process.kill(process.pid, 'SIGTERM')
  }),
)
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await (await fetch(`${url}/answered`)).text()
  await fetch(`${url}/open`).catch(() => {})
})
