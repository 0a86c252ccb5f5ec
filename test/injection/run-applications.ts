// Makes every request to every application, and prints what the clients received, as JSON. To be run with the preload.
// Arguments: the transports, separated by commas; and `n`, to make only every n-th request.
import { EventEmitter, once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttp2Server, createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { certificate } from '../helpers/certificate.js'
import type { Application, Case, Transport } from './applications/application.js'
import { applications } from './applications/index.js'
import { nodeCases } from './applications/node-routes.js'
import { exchangeHttp1 } from './http1-client.js'
import { exchangeHttp2 } from './http2-client.js'

const [transports = '', everyNth = '1'] = process.argv.slice(2)
const stride = Number(everyNth)

/** How many cases of an application run side by side. Some wait until an idle connection is closed. */
const LANES = 6

export interface Results {
  readonly results: Readonly<Record<string, Result>>
  /** The errors that reached the process. */
  readonly uncaught: readonly string[]
}

interface Result {
  readonly transport: Transport
  readonly path: string
  /** `null` if it depends on timing. */
  readonly received: string | null
}

const results: Record<string, Result> = {}
const uncaught: string[] = []
process.on('uncaughtException', (error) => uncaught.push(String(error)))

const servers: Record<Transport, (listener: RequestListener) => Server> = {
  h1: (listener) => createServer(listener),
  'h1+TLS': (listener) => createHttpsServer(certificate, listener),
  h2: (listener) => createHttp2Server(listener as never),
  'h2+TLS': (listener) => createSecureServer(certificate, listener as never),
}

async function runCase(
  application: Application,
  listener: RequestListener,
  transport: Transport,
  each: Case,
): Promise<void> {
  const server = servers[transport](listener)
  // The client of such a case waits until the server closes the connection.
  if (each.closes && 'keepAliveTimeout' in server) server.keepAliveTimeout = 1000
  const arrivals = new EventEmitter()
  const arrival = once(arrivals, 'request')
  server.prependListener('request', () => arrivals.emit('request'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const isTls = transport.endsWith('+TLS')
  const exchange = transport.startsWith('h1') ? exchangeHttp1 : exchangeHttp2
  const received = await exchange(each, port, isTls, arrival)
  results[describeCase(application, transport, each)] = {
    transport,
    path: each.path,
    received: each.isRacy ? null : JSON.stringify(received),
  }
  server.close()
}

function describeCase({ name }: Application, transport: Transport, each: Case): string {
  const { path, method = 'GET', headers = {}, body, client } = each
  const extra = [
    ...Object.entries(headers).map(([header, value]) => `${header}: ${value}`),
    ...(body === undefined ? [] : [`${body.length} bytes`]),
    ...(client === undefined ? [] : [`client ${client}`]),
  ]
  return [name, transport, `${method} ${path}`, ...extra].join(', ')
}

async function runApplication(application: Application, transport: Transport): Promise<void> {
  const listener = application.build()
  const cases = [...nodeCases, ...application.cases].filter(
    (each, index) => index % stride === 0 && isSupported(application, transport, each),
  )
  const lanes = Array.from({ length: LANES }, async (_lane, lane) => {
    for (const [index, each] of cases.entries()) {
      if (index % LANES === lane) await runCase(application, listener, transport, each)
    }
  })
  await Promise.all(lanes)
}

function isSupported({ hangingHeads }: Application, transport: Transport, each: Case): boolean {
  if (transport.startsWith('h1')) return true
  return !each.isHttp1Only && !(each.method === 'HEAD' && hangingHeads?.includes(each.path))
}

await Promise.all(
  applications.flatMap((application) =>
    application.transports
      .filter((transport) => transports.split(',').includes(transport))
      .map((transport) => runApplication(application, transport)),
  ),
)
process.stdout.write(JSON.stringify({ results, uncaught } satisfies Results), () => process.exit())
