// The destinations that a server's stdout can be connected to.
import { execFileSync, spawn } from 'node:child_process'
import { constants, openSync } from 'node:fs'

/** @param {'null' | 'file' | 'pipe'} destination */
export function openDestination(destination, path) {
  if (destination === 'null') return { descriptor: openSync('/dev/null', 'w'), close() {} }
  if (destination === 'file') {
    const { O_APPEND, O_CREAT, O_WRONLY } = constants
    return { descriptor: openSync(path, O_APPEND | O_CREAT | O_WRONLY, 0o600), close() {} }
  }
  // A named pipe, because `stdio: 'pipe'` of Node creates a Unix socket.
  execFileSync('mkfifo', [path])
  const reader = spawn('sh', ['-c', 'cat "$0" >/dev/null', path], { stdio: 'ignore' })
  return { descriptor: openSync(path, 'w'), close: () => reader.kill() }
}
