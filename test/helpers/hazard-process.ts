// The hazard server in a process of its own, with any kind of stdout.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { compiledProgram } from './compile-programs.js'

export interface Stats {
  readonly written: number
  readonly waiting: number
  readonly lost: number
  /** The request that asks is among them; and a client may have its response a moment before the record is made. */
  readonly inFlight: number
  readonly memory: number
}

export interface HazardProcess {
  /** What was started: the server, or the shell around it. */
  readonly child: ChildProcess
  readonly url: string
  /** What our package has said on stderr, line by line. */
  complaints(): string[]
  /** Waits until something matches on stderr. */
  hasSaid(pattern: RegExp): Promise<RegExpExecArray>
  /** Asks for a path, and gives the status. */
  ask(path?: string): Promise<number>
  stats(): Promise<Stats>
  /** Asks again and again, expecting 200 each time, until the server's own count of records is as wanted. */
  askUntil(isEnough: (stats: Stats) => boolean, path?: string): Promise<Stats>
  /** Lets the server call `process.exit`, and waits until all of it has gone. */
  exit(): Promise<void>
}

const PATIENCE_MS = 20_000
const MAX_QUESTIONS = 2000
const alive = new Set<ChildProcess>()

interface Start {
  /** Where stdout goes: a descriptor, or `pipe` for the socket pair that child_process makes. */
  readonly stdout?: number | 'pipe' | 'ignore'
  readonly env?: Record<string, string>
  readonly uid?: number | undefined
  /** Which program of `test/programs`. */
  readonly program?: string
}

/** {@link stopHazards} ends it. */
export function startHazard({
  stdout = 'ignore',
  env = {},
  uid,
  program,
}: Start = {}): Promise<HazardProcess> {
  return follow([process.execPath, [compiledProgram(program ?? 'hazard-server')]], {
    stdio: ['ignore', stdout, 'pipe'],
    env: { ...process.env, ...env },
    ...(uid !== undefined && { uid, gid: uid }),
  })
}

export interface PipedHazard extends HazardProcess {
  readonly writerPid: number
  readonly readerPid: number
}

/** The server with `| cat` behind it, as a shell makes it: a real pipe, which child_process does not give. */
export async function startPiped(env: Record<string, string> = {}): Promise<PipedHazard> {
  const writer = `sh -c 'echo "Writer $$" >&2; exec "$0" "$1"' "$0" "$1"`
  const reader = `sh -c 'echo "Reader $$" >&2; exec cat'`
  const hazard = await follow(
    ['sh', ['-c', `${writer} | ${reader}`, process.execPath, compiledProgram('hazard-server')]],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, detached: true },
  )
  const [, writerPid] = await hazard.hasSaid(/Writer (\d+)/)
  const [, readerPid] = await hazard.hasSaid(/Reader (\d+)/)
  return { ...hazard, writerPid: Number(writerPid), readerPid: Number(readerPid) }
}

export async function stopHazards(): Promise<void> {
  for (const child of alive) {
    const closed = once(child, 'close')
    child.stdout?.resume()
    // A shell leads a group of its own, and all that it started dies with it.
    if (child.spawnfile === 'sh') process.kill(-(child.pid as number), 'SIGKILL')
    else child.kill('SIGKILL')
    await closed
  }
}

async function follow([file, args]: [string, string[]], options: SpawnOptions): Promise<HazardProcess> {
  const child = spawn(file, args, options)
  alive.add(child)
  child.on('close', () => alive.delete(child))
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk) => {
    said += chunk
  })

  async function hasSaid(pattern: RegExp): Promise<RegExpExecArray> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const found = pattern.exec(said)
      if (found) return found
      await once(child.stderr as NodeJS.ReadableStream, 'data', { signal }).catch(() => {
        throw new Error(`The server did not say ${pattern}: ${said}`)
      })
    }
  }

  const [, url = ''] = await hasSaid(/Listening on (http:\S+)/)
  const get = (path: string) => fetch(`${url}${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) })
  const ask = async (path = '/') => {
    const response = await get(path)
    await response.text()
    return response.status
  }
  const stats = async () => (await (await get('/stats')).json()) as Stats
  return {
    child,
    url,
    complaints: () => said.split('\n').filter((line) => line.startsWith('http-audit-log')),
    hasSaid,
    ask,
    stats,
    async askUntil(isEnough, path) {
      for (let i = 0; i < MAX_QUESTIONS; i++) {
        const status = await ask(path)
        if (status !== 200) throw new Error(`Expected 200, got ${status}`)
        const seen = await stats()
        if (isEnough(seen)) return seen
      }
      throw new Error(`${MAX_QUESTIONS} requests were not enough: ${JSON.stringify(await stats())}`)
    },
    async exit() {
      const closed = once(child, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) })
      child.stdout?.resume()
      await get('/exit').catch(() => {})
      await closed
    },
  }
}
