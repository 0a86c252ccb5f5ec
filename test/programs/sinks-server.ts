// One server with many sinks that misbehave until a request repairs them. A path is /<sink>/<open|closed>/<action>. An
// error that escapes from a sink ends this process, since Node ends it at an unhandled rejection.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { type AuditLogError, auditLog, type Sink, stream } from 'http-audit-log'

/** Handles a line and returns the result of `write`. `accept` stores the line. */
type Behaviour = (accept: () => void) => unknown

const settlesTwice = {
  // biome-ignore lint/suspicious/noThenProperty: the test is about foreign promises.
  then(resolve: () => void, reject: (error: Error) => void) {
    resolve()
    reject(new Error('and now it failed'))
    resolve()
  },
}
const throwsInThen = {
  // biome-ignore lint/suspicious/noThenProperty: as above.
  then() {
    throw new Error('then is broken')
  },
}
const throwsAtThen = {
  // biome-ignore lint/suspicious/noThenProperty: as above.
  get then(): never {
    throw new Error('the getter of then is broken')
  },
}

let calls = 0
const BEHAVIOURS: Record<string, Behaviour> = {
  throws() {
    throw new Error('the sink is broken')
  },
  'throws-null'() {
    throw null
  },
  rejects: () => Promise.reject(new Error('the sink is broken')),
  'rejects-late': () => pause(20).then(() => Promise.reject(new Error('the sink is broken'))),
  'never-settles': () => new Promise(() => {}),
  'never-answers': () => new Promise(() => {}),
  'throws-in-then': () => throwsInThen,
  'throws-at-then': () => throwsAtThen,
  'settles-twice': (accept) => {
    accept()
    return settlesTwice
  },
  'returns-true': (accept) => {
    accept()
    return true
  },
  'returns-false': (accept) => {
    accept()
    return false
  },
  'returns-42': (accept) => {
    accept()
    return 42
  },
  'returns-null': (accept) => {
    accept()
    return null
  },
  'returns-an-object': (accept) => {
    accept()
    return { fulfilled: true }
  },
  slow: (accept) => pause(50).then(accept),
  // The first write of each pair is answered after the second.
  'out-of-order': (accept) => pause(calls++ % 2 === 0 ? 40 : 5).then(accept),
}

function misbehave(behaviour: Behaviour) {
  const lines: string[] = []
  const state = { isRepaired: false, lines, attempts: 0 }
  const sink = {
    write(line: string) {
      state.attempts += 1
      const accept = () => void lines.push(line)
      return state.isRepaired ? accept() : behaviour(accept)
    },
  } as Sink
  return { state, sink }
}

/** Node destroys a stream whose `_write` calls back twice, with an error. */
function callBackTwice() {
  const lines: string[] = []
  const writable = new Writable({
    write(chunk, _encoding, callback) {
      lines.push(String(chunk))
      callback()
      callback()
    },
  })
  return { state: { isRepaired: false, lines, attempts: 0 }, sink: stream(writable) }
}

function mount(make: () => ReturnType<typeof misbehave>, failClosed: boolean): RequestListener {
  const { state, sink } = make()
  const errors: string[] = []
  let handled = 0
  const audit = auditLog({
    sink,
    failClosed,
    sinkTimeoutMs: 200,
    maxBufferBytes: 64 * 1024,
    onError: ({ code, message }: AuditLogError) => void errors.push(`${code} ${message}`),
  })
  return (request, response) => {
    const what = request.url?.split('/').at(-1)
    if (what === 'repair') {
      state.isRepaired = true
      response.end()
    } else if (what === 'report') {
      const { lines, attempts } = state
      response.end(JSON.stringify({ ...audit.stats(), lines, attempts, errors, handled }))
    } else {
      audit(request, response, () => {
        handled += 1
        response.end('ok')
      })
    }
  }
}

const listeners: Record<string, RequestListener> = {}
const makers = {
  ...Object.fromEntries(
    Object.entries(BEHAVIOURS).map(([name, behaviour]) => [name, () => misbehave(behaviour)]),
  ),
  'calls-back-twice': callBackTwice,
}
for (const [name, make] of Object.entries(makers)) {
  listeners[`${name}/open`] = mount(make, false)
  listeners[`${name}/closed`] = mount(make, true)
}

const server = createServer((request, response) => {
  const [, name, mode] = request.url?.split('/') ?? []
  listeners[`${name}/${mode}`]?.(request, response)
})
server.listen(0, '127.0.0.1', () => {
  console.error(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
