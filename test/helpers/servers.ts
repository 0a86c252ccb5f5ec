// Servers on a free port of 127.0.0.1, and their end.
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

const running = new Set<{ server: Server; destroyConnections: () => void }>()

/** Starts an HTTP/1.1 server for a request listener. {@link stopServers} ends it. */
export async function startServer(
  listener: RequestListener,
): Promise<{ server: HttpServer; port: number; url: string }> {
  const server = createServer(listener)
  return { server, ...(await listenOn(server)) }
}

/** Lets a server of any kind listen. {@link stopServers} ends it, and every connection with it. */
export async function listenOn(server: Server): Promise<{ port: number; url: string }> {
  const connections = new Set<{ destroy(): unknown }>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  running.add({ server, destroyConnections: () => connections.forEach((socket) => void socket.destroy()) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}` }
}

export async function stopServers(): Promise<void> {
  const servers = [...running]
  running.clear()
  await Promise.all(
    servers.map(({ server, destroyConnections }) => {
      const closed = new Promise((resolve) => server.close(resolve))
      destroyConnections()
      return closed
    }),
  )
}
