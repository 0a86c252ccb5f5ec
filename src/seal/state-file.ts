// Links the runs of a log: the file has the last checkpoint of each run that no later run has named yet.
import { readFileSync } from 'node:fs'
import type { SignerKey } from '../evidence/note-keys.js'
import { openNote } from '../evidence/signed-note.js'
import { AuditLogError } from '../lib/errors.js'
import { describeCause } from '../lib/inspect.js'
import { replaceFile } from '../lib/replace-file.js'
import { isObject } from '../lib/validate.js'
import { hasEnded, markProcess, type ProcessMark } from './ended-process.js'
import { acquireLock, releaseLock } from './lock-file.js'

interface RunState {
  readonly run: string
  readonly size: number
  /** The last checkpoint, as a signed note. */
  readonly note: string
}

interface State {
  readonly version: 1
  readonly log: string
  /** The runs that no other run has named. */
  readonly runs: readonly RunState[]
  /** Runs that have started, but whose first record is not known to be written, with the runs that it names. */
  readonly starting: readonly StartingRun[]
}

interface StartingRun extends ProcessMark {
  readonly run: string
  readonly names: readonly RunState[]
}

type Content = Pick<State, 'runs' | 'starting'>

/** How long to wait for another process that writes the file, milliseconds: at start and end, and while requests are served. */
const LONG_PATIENCE_MS = 3000
const SHORT_PATIENCE_MS = 20

/** Far above that of any checkpoint. */
const MAX_NOTE_LENGTH = 4096

export class StateFile {
  readonly #path: string
  readonly #signer: SignerKey
  readonly #run: string

  constructor(path: string, signer: SignerKey, run: string) {
    this.#path = path
    this.#signer = signer
    this.#run = run
  }

  /**
   * Takes the checkpoints of earlier runs, which the first record of this run names, out of the file: two runs that start at the same
   * time must not name the same ones.
   *
   * @param select returns those that have room in the first record; it gets the latest first
   * @throws AuditLogError `ERR_AUDIT_SEAL` if the file cannot be read or written, or belongs to another log
   */
  takePrevious(select: (notes: readonly string[]) => readonly string[]): readonly string[] {
    let named: readonly RunState[] = []
    this.#change(({ runs, starting }) => {
      this.#checkNotes([...runs, ...starting.flatMap(({ names }) => names)])
      // A process that was killed at its start has named nothing. One that still starts will.
      const stillStarting = starting.filter((run) => !hasEnded(run))
      const killed = starting.filter((run) => !stillStarting.includes(run))
      const unnamed = [...killed.flatMap(({ names }) => names), ...runs]
      const notes = select(unnamed.map(({ note }) => note).reverse())
      named = unnamed.filter(({ note }) => notes.includes(note))
      return {
        runs: unnamed.filter(({ note }) => !notes.includes(note)),
        starting: [...stillStarting, { run: this.#run, ...markProcess(), names: named }],
      }
    }, LONG_PATIENCE_MS)
    return named.map(({ note }) => note)
  }

  /**
   * Saves the checkpoint of this run, whose first record is written.
   *
   * @param isPatient whether to wait for other processes: those of a cluster start and end at the same time, when no request waits
   */
  save(size: number, note: string, isPatient: boolean): void {
    this.#change(
      ({ runs, starting }) => ({
        runs: [...runs.filter(({ run }) => run !== this.#run), { run: this.#run, size, note }],
        starting: starting.filter(({ run }) => run !== this.#run),
      }),
      isPatient ? LONG_PATIENCE_MS : SHORT_PATIENCE_MS,
    )
  }

  #change(change: (content: Content) => Content, patienceMs: number): void {
    const lock = `${this.#path}.lock`
    try {
      if (!acquireLock(lock, patienceMs))
        throw this.#explain('is locked by another process', undefined, `Remove ${lock} if there is none`)
      try {
        const state: State = { version: 1, log: this.#signer.name, ...change(this.#read()) }
        replaceFile(this.#path, `${JSON.stringify(state)}\n`, 0o600)
      } finally {
        releaseLock(lock)
      }
    } catch (error) {
      throw this.#explain('cannot be written', error)
    }
  }

  #read(): Content {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { runs: [], starting: [] }
      throw this.#explain('cannot be read', error)
    }
    const state = this.#parse(text)
    if (state.log !== this.#signer.name) {
      throw this.#explain(
        `belongs to the log ${JSON.stringify(state.log)}, not to ${JSON.stringify(this.#signer.name)}`,
        undefined,
        'Give each log a state file of its own',
      )
    }
    return state
  }

  #parse(text: string): State {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      throw this.#explain('is damaged', error, MOVE_AWAY)
    }
    if (!isState(value)) throw this.#explain('is not one of this package', undefined, MOVE_AWAY)
    return value
  }

  /** They are sealed in the first record of this run, where a note that is not valid would be held against the log. */
  #checkNotes(runs: readonly RunState[]): void {
    if (!runs.every(({ note }) => this.#isNote(note)))
      throw this.#explain('is damaged (a checkpoint is not valid)', undefined, MOVE_AWAY)
  }

  /** A note of an earlier key cannot be checked here. */
  #isNote(note: string): boolean {
    const opened = note.length > MAX_NOTE_LENGTH ? 'malformed' : openNote(note, [this.#signer])
    return opened === 'unknown key' || typeof opened === 'object'
  }

  #explain(
    what: string,
    cause?: unknown,
    advice = 'Its folder must exist, and this process must be able to write there',
  ): AuditLogError {
    if (cause instanceof AuditLogError) return cause
    const because = cause === undefined ? '' : ` (${describeCause(cause)})`
    return new AuditLogError(
      'ERR_AUDIT_SEAL',
      `The state file ${this.#path} of the seal ${what}${because}. ${advice}`,
      {
        cause,
      },
    )
  }
}

const MOVE_AWAY = 'Move it away to start anew: the runs before are then not linked to those that follow'

function isState(value: unknown): value is State {
  if (!isObject(value) || value.version !== 1 || typeof value.log !== 'string') return false
  return (
    isListOf(value.runs, isRunState) &&
    isListOf(
      value.starting,
      (item) =>
        isObject(item) &&
        typeof item.run === 'string' &&
        Number.isSafeInteger(item.pid) &&
        typeof item.time === 'number' &&
        isListOf(item.names, isRunState),
    )
  )
}

function isListOf(value: unknown, accepts: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(accepts)
}

function isRunState(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.run === 'string' &&
    Number.isSafeInteger(value.size) &&
    typeof value.note === 'string'
  )
}
