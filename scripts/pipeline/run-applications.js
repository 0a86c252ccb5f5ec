// Runs the applications of hostile-application.js and sends them requests.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { describeHostileRequest } from './hostile-content.js'

const CONNECTIONS = 20
const TIMEOUT_MS = 60_000

/** One run of an application: starts it, sends it requests, and stops it. */
export async function runApplication(environment, requests) {
  const child = fork(join(import.meta.dirname, 'hostile-application.js'), [], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exit = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
  try {
    const [port] = await Promise.race([once(child, 'message'), exit.then(() => [])])
    if (port === undefined) throw new Error(`The application has not started: ${JSON.stringify(environment)}`)
    await sendRequests(port, requests)
    child.kill('SIGTERM')
    const [code, signal] = await exit
    if (code !== 0) throw new Error(`The application ended with ${signal ?? code}`)
  } finally {
    clearTimeout(timer)
    child.kill('SIGKILL')
  }
}

async function sendRequests(port, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  let next = 0
  const sendOneAfterTheOther = async () => {
    while (next < count) await send({ ...describeHostileRequest(next++), port, agent })
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, sendOneAfterTheOther))
  agent.destroy()
}

function send(options) {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', ...options }, (response) =>
      response.on('end', resolve).on('error', reject).resume(),
    )
      .on('error', reject)
      .end()
  })
}
