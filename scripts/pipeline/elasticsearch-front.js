// Stands in front of an Elasticsearch server from Maven Central, which lacks the two addresses that Filebeat asks first.
import { createServer, request } from 'node:http'

const STAND_INS = {
  '/': (version) => ({
    name: 'one',
    cluster_name: 'http-audit-log',
    cluster_uuid: 'x',
    version: { number: version, build_flavor: 'default' },
  }),
  '/_license': () => ({
    license: { status: 'active', uid: '00000000-0000-4000-8000-000000000000', type: 'basic' },
  }),
}

/** All other requests are passed on as they are. @returns the server, which listens on a free port of 127.0.0.1 */
export function createFront(elasticsearch, version) {
  const { hostname, port } = new URL(elasticsearch)
  return createServer((req, res) => {
    const standIn = STAND_INS[req.url.split('?')[0]]
    if (standIn !== undefined && req.method === 'GET') {
      res.setHeader('content-type', 'application/json')
      res.end(JSON.stringify(standIn(version)))
      return
    }
    const { method, url: path, headers } = req
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.headers)
      answer.pipe(res)
    })
    onward.on('error', () => res.destroy())
    req.pipe(onward)
  }).listen(0, '127.0.0.1')
}
