// Pins the client and the servers to a processor each, where the machine has two and the command `taskset`.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export const PIN_OPTION = { 'no-pin': { type: 'boolean', default: false } }

let processors

/** Pins this process, which sends the requests, and every process that it starts later, unless {@link placeServer} moves it. */
export function placeClient({ 'no-pin': isFree, smoke }) {
  // A smoke test runs beside other work, which would be left with no processor of its own.
  processors = isFree || smoke ? undefined : findProcessors()
  if (processors) pinTo(processors.client, process.pid)
  else if (!smoke) console.error('The client and the servers are not pinned to a processor each.')
}

export function placeServer(pid) {
  if (processors) pinTo(processors.server, pid)
}

export const isPinned = () => processors !== undefined

/** The first and the last processor that this process may use. */
function findProcessors() {
  try {
    const [, list] = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    const allowed = list.split(/[,-]/).map(Number)
    const [client, server] = [allowed[0], allowed.at(-1)]
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return client === server ? undefined : { client, server }
  } catch {
    return undefined
  }
}

function pinTo(processor, pid) {
  execFileSync('taskset', ['-acp', String(processor), String(pid)])
}
