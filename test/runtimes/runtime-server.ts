// Runs server.js in a runtime, and collects the records that it writes to stdout.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { certificate } from '../helpers/certificate.js'

export const RUNTIMES = ['node', 'bun', 'deno'] as const
export type RuntimeName = (typeof RUNTIMES)[number]

export interface Runtime {
  readonly name: RuntimeName
  readonly version: string
  readonly binary: string
}

const TIMEOUT_MS = 10_000
const START_TIMEOUT_MS = 60_000
const SERVER = resolve('test/runtimes/server.js')

/** The permissions of Deno that the package and the server need; docs/runtimes.md lists those of the package. */
const DENO_ARGUMENTS = [
  'run',
  '--no-prompt',
  '--allow-net=127.0.0.1',
  '--allow-read',
  '--allow-env',
  '--allow-write=/dev/stdout',
]

/** Finds out by its version which runtime a binary is. */
export function identifyRuntime(binary: string): Runtime {
  const output = execFileSync(binary, ['--version'], { encoding: 'utf8' })
  const [version = ''] = /\d+\.\d+\.\d+/.exec(output) ?? []
  const name = output.startsWith('deno') ? 'deno' : output.startsWith('v') ? 'node' : 'bun'
  return { name, version, binary }
}

// biome-ignore lint/suspicious/noExplicitAny: tests read any depth of a record.
export type Line = Record<string, any>

/** Signals by which a runtime ends that has failed itself; no ending sends them. */
const CRASH_SIGNALS = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGTRAP'])

/** The runtime itself has crashed, so nothing is known about the package. */
export class RuntimeCrash extends Error {}

/** One process with the servers of server.js. */
export class RuntimeServer {
  readonly lines: Line[] = []
  /** Lines of stdout that are no JSON. */
  readonly tornLines: string[] = []
  problems: string[] = []
  stderr = ''
  readonly #child: ChildProcessWithoutNullStreams
  readonly #closed: Promise<unknown>
  readonly #changes = new EventEmitter()
  #ports: Record<string, number> = {}

  static async start(runtime: Runtime, folder: string, framework: string): Promise<RuntimeServer> {
    const server = new RuntimeServer(runtime, folder, framework)
    await server.#waitUntil(() => /Listening .*\n/.test(server.stderr), 'did not listen', START_TIMEOUT_MS)
    const { ports, problems } = JSON.parse(/Listening (.*)\n/.exec(server.stderr)?.[1] ?? '{}')
    server.#ports = ports
    server.problems = problems
    return server
  }

  private constructor({ name, binary }: Runtime, folder: string, framework: string) {
    const runtimeArguments = name === 'deno' ? DENO_ARGUMENTS : []
    this.#child = spawn(binary, [...runtimeArguments, SERVER, folder, framework], {
      env: { ...process.env, TLS_CERTIFICATE: JSON.stringify(certificate) },
    })
    this.#closed = once(this.#child, 'close')
    let partialLine = ''
    this.#child.stdout.setEncoding('utf8').on('data', (chunk) => {
      const lines = `${partialLine}${chunk}`.split('\n')
      partialLine = lines.pop() ?? ''
      for (const line of lines) this.#addLine(line)
      this.#changes.emit('change')
    })
    this.#child.stderr.setEncoding('utf8').on('data', (chunk) => {
      this.stderr += chunk
      this.#changes.emit('change')
    })
    this.#child.on('close', () => this.#changes.emit('change'))
  }

  /** What the application printed is JSON as well, without `audit`. */
  #addLine(line: string): void {
    try {
      const { audit } = JSON.parse(line)
      if (audit !== undefined) this.lines.push(audit)
    } catch {
      this.tornLines.push(line.slice(0, 100))
    }
  }

  /** Reads no output for a while, so that the pipe fills up. */
  async pauseOutput(milliseconds: number): Promise<void> {
    this.#child.stdout.pause()
    await delay(milliseconds)
    this.#child.stdout.resume()
  }

  port(name: string): number {
    const port = this.#ports[name]
    if (port === undefined) throw new Error(`No server ${name}`)
    return port
  }

  setSink(state: 'up' | 'down'): Promise<string> {
    return this.#control(state)
  }

  async inFlight(): Promise<number> {
    return Number(await this.#control('in-flight'))
  }

  /** Polls, because a request that arrives has no event that can be seen from outside. */
  async waitForInFlight(count: number): Promise<void> {
    const giveUpAt = performance.now() + TIMEOUT_MS
    while ((await this.inFlight()) < count) {
      if (performance.now() > giveUpAt) throw new Error(`Not ${count} requests in flight`)
    }
  }

  /** Waits until there are as many records that match; `false` if they do not come. */
  async waitForRecords(matches: (line: Line) => boolean, count: number): Promise<boolean> {
    try {
      await this.#waitUntil(() => this.lines.filter(matches).length >= count, 'wrote no record', 3000)
      return true
    } catch (error) {
      if (error instanceof RuntimeCrash) throw error
      return false
    }
  }

  /** Closes stdin, by which the server exits, and waits for its last records. */
  async stop(): Promise<void> {
    this.#child.stdin.on('error', () => {})
    this.#child.stdin.end()
    await this.waitForExit()
  }

  async waitForExit(): Promise<void> {
    const timeout = setTimeout(() => this.#child.kill('SIGKILL'), TIMEOUT_MS)
    await this.#closed
    clearTimeout(timeout)
  }

  async #control(command: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.port('control')}/${command}`)
    return response.text()
  }

  async #waitUntil(isReached: () => boolean, failure: string, timeoutMs = TIMEOUT_MS): Promise<void> {
    const controller = new AbortController()
    // Not AbortSignal.timeout(): its timer does not keep the process alive when the server has ended.
    const timeout = setTimeout(() => controller.abort(), timeoutMs)
    try {
      while (!isReached()) {
        this.#throwIfEnded()
        await once(this.#changes, 'change', { signal: controller.signal }).catch(() => {
          throw new Error(`The server ${failure}: ${this.stderr}`)
        })
      }
    } finally {
      clearTimeout(timeout)
    }
  }

  #throwIfEnded(): void {
    const { exitCode, signalCode } = this.#child
    if (CRASH_SIGNALS.has(signalCode ?? '')) throw new RuntimeCrash(`${signalCode}: ${this.stderr}`)
    if (exitCode !== null || signalCode !== null) {
      throw new Error(`The server ended (${exitCode ?? signalCode}): ${this.stderr}`)
    }
  }
}
