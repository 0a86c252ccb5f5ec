// For tests that need a server of their own making.
import type { AddressInfo, Server } from 'node:net'

const listening = new Set<{ server: Server; destroyAll: () => void }>()

/** Listens on a free port of 127.0.0.1. {@link stopListening} ends it, and every connection with it. */
export async function listenOn(server: Server): Promise<{ port: number; url: string }> {
  const connections = new Set<{ destroy(): unknown }>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  listening.add({ server, destroyAll: () => connections.forEach((socket) => void socket.destroy()) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}` }
}

export async function stopListening(): Promise<void> {
  const all = [...listening]
  listening.clear()
  await Promise.all(
    all.map(({ server, destroyAll }) => {
      const closed = new Promise((resolve) => server.close(resolve))
      destroyAll()
      return closed
    }),
  )
}
