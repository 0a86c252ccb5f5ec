// Starts bench/server.js as a child process, with stdout connected to a destination, and opens the load on it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openDestination } from './destinations.js'
import { openLoad } from './load.js'
import { placeServer } from './processors.js'

const SERVER = fileURLToPath(new URL('../server.js', import.meta.url))

export async function startServer(
  framework,
  name,
  { node, destination, directory, connections, execArgv = [], env = {} },
) {
  const path = join(directory, `${destination}-${Math.random().toString(36).slice(2)}`)
  const stdout = openDestination(destination, path)
  const child = spawn(node?.path ?? process.execPath, [...execArgv, SERVER, framework, name], {
    stdio: ['ignore', stdout.descriptor, 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', BENCH_FILE: `${path}.sink`, ...env },
  })
  closeSync(stdout.descriptor)
  const exited = once(child, 'exit')
  const [{ port }] = await Promise.race([once(child, 'message'), exited.then(throwNotStarted)])
  placeServer(child.pid)
  const load = await openLoad(port, connections)

  /** Sends a command to the child process; the commands are in server.js. */
  async function command(name) {
    child.send(name)
    const [result] = await once(child, 'message')
    return result
  }

  return {
    port,
    pid: child.pid,
    command,
    /** As many requests as the server can answer, until the given limit. */
    async measure(until) {
      const before = await command('usage')
      const { requests, seconds } = await load.run(until)
      const after = await command('usage')
      return {
        requests,
        perSecond: requests / seconds,
        cpuMicros: (after.cpuMicros - before.cpuMicros) / requests,
        userMicros: (after.userMicros - before.userMicros) / requests,
      }
    },
    /** At a constant rate; `busy` is the share of one processor that the server uses. */
    async measureAtConstantRate({ perSecond, ms }) {
      const before = await command('usage')
      const result = await load.runAtConstantRate({ perSecond, ms })
      const after = await command('usage')
      return { ...result, busy: (after.cpuMicros - before.cpuMicros) / (result.ms * 1000) }
    },
    /** The output so far, once its size is stable; `undefined` where the destination cannot be read back. */
    async readOutput(hasOwnFile) {
      if (hasOwnFile) return readStableFile(`${path}.sink`)
      return destination === 'file' ? readStableFile(path) : undefined
    },
    /** Empties the output file, which would fill the disk. */
    discardOutput(hasOwnFile) {
      if (hasOwnFile) truncateSync(`${path}.sink`)
      else if (destination === 'file') truncateSync(path)
    },
    async stop() {
      load.close()
      child.disconnect()
      await exited
      stdout.close()
    },
  }
}

function throwNotStarted() {
  throw new Error('The server did not start. Its error is printed above; was `npm run build` run before?')
}

/** Repeated until two sizes are equal, because some loggers write asynchronously. */
async function readStableFile(path) {
  let size = -1
  for (let tries = 0; tries < 20 && statSync(path).size !== size; tries++) {
    size = statSync(path).size
    await delay(50)
  }
  return readFileSync(path, 'utf8')
}
