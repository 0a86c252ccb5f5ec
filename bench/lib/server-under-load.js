// A server as a child process, its stdout at one of three places, and the load on it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, createReadStream, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openDestination } from './destinations.js'
import { openLoad } from './load.js'
import { placeServer } from './measured.js'

const SERVER = fileURLToPath(new URL('../server.js', import.meta.url))

/** @returns what measures one slice after the other */
export async function startServer(
  framework,
  name,
  { destination, directory, connections, isPinned = false, execArgv = [], env = {} },
) {
  const path = join(directory, `${destination}-${Math.random().toString(36).slice(2)}`)
  const stdout = openDestination(destination, path)
  const child = spawn(process.execPath, [...execArgv, SERVER, framework, name], {
    stdio: ['ignore', stdout.descriptor, 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', BENCH_FILE: `${path}.sink`, ...env },
  })
  closeSync(stdout.descriptor)
  const exited = once(child, 'exit')
  const [{ port }] = await Promise.race([once(child, 'message'), exited.then(failToStart)])
  if (isPinned) placeServer(child.pid)
  const load = await openLoad(port, connections)

  async function ask(question) {
    child.send(question)
    const [answer] = await once(child, 'message')
    return answer
  }

  return {
    port,
    ask,
    async measure(until) {
      const before = await ask('usage')
      const { requests, seconds } = await load.run(until)
      const after = await ask('usage')
      return {
        requests,
        perSecond: requests / seconds,
        cpuMicros: (after.cpuMicros - before.cpuMicros) / requests,
        userMicros: (after.userMicros - before.userMicros) / requests,
      }
    },
    /** With requests that come at their rate, and the share of a processor that the server needs for them. */
    async measureSteadily({ perSecond, ms }) {
      const before = await ask('usage')
      const found = await load.runSteadily({ perSecond, ms })
      const after = await ask('usage')
      return { ...found, busy: (after.cpuMicros - before.cpuMicros) / (found.ms * 1000) }
    },
    /** Lines that have arrived, once no more do; where they can be counted. */
    async countLines(isToFile) {
      if (isToFile) return countLines(`${path}.sink`)
      return destination === 'file' ? countLines(path) : undefined
    },
    /** What is in a file is of no more use, and would fill the disk. */
    forget(isToFile) {
      if (isToFile) truncateSync(`${path}.sink`)
      else if (destination === 'file') truncateSync(path)
    },
    async stop() {
      load.close()
      child.disconnect()
      await exited
      stdout.end()
    },
  }
}

function failToStart() {
  throw new Error('The server did not start')
}

/** Some write when they find the time. */
async function countLines(path) {
  let count = -1
  for (let tries = 0; tries < 20; tries++) {
    const before = count
    count = 0
    for await (const chunk of createReadStream(path)) for (const byte of chunk) if (byte === 10) count += 1
    if (count === before) break
    await delay(50)
  }
  return count
}
