import { closeSync, constants, fstatSync, fsyncSync, openSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { dirname } from 'node:path'
import { AuditLogError } from '../lib/errors.js'
import { describeValue } from '../lib/inspect.js'
import { type Checks, checkBoolean, checkInteger, checkOptions } from '../lib/validate.js'
import { GroupCommit } from './group-commit.js'
import { LineWriter } from './line-writer.js'
import { endsWithPartialLine } from './partial-line.js'
import type { Sink } from './sink.js'

export interface FileOptions {
  /**
   * A record is accepted when it is on the disk, and not when the kernel has it. All records that wait share one
   * fdatasync(2).
   * @default false
   */
  readonly fsync?: boolean | undefined
  /**
   * The permissions of a file that is made.
   * @default 0o600
   */
  readonly mode?: number | undefined
  /**
   * The signal on which the file is opened anew, for logrotate. Node then no longer ends the process on it.
   * @example 'SIGHUP'
   */
  readonly reopenOn?: NodeJS.Signals | undefined
}

export interface FileSink extends Sink {
  /** Opens the file anew with the next record: after a rename, records go to a new file of the old name. */
  reopen(): void
  close(): Promise<void>
}

/** No process can listen to these (signal(7)). */
const DEAF_TO = ['SIGKILL', 'SIGSTOP']

const CHECKS: Checks<FileOptions> = {
  fsync: checkBoolean,
  mode: checkInteger(0, 0o777),
  reopenOn: {
    expected: "the name of a signal that can be listened to, such as 'SIGHUP'",
    accepts: (value) => Object.hasOwn(osConstants.signals, String(value)) && !DEAF_TO.includes(String(value)),
  },
}

/**
 * Appends whole lines to a file. The file is opened with the first record, and opened anew when it has been
 * removed: a path that cannot be written is an outage, which ends when it can.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
 * @example
 * app.use(auditLog({ sink: file('/var/log/app/audit.log', { fsync: true, reopenOn: 'SIGHUP' }), failClosed: true }))
 */
export function file(path: string, options: FileOptions = {}): FileSink {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new AuditLogError(
      'ERR_AUDIT_OPTIONS',
      `Expected the path of file() to be a string that is not empty and has no NUL, got ${describeValue(path)}`,
    )
  }
  const { fsync = false, mode = 0o600, reopenOn } = checkOptions<FileOptions>(options, CHECKS)
  let opened: OpenedFile | undefined
  let isListening = false

  function write(line: string): void | Promise<void> {
    if (opened?.isRemoved()) reopen()
    // Somebody else may use it after it was closed: without a listener the signal would end the process.
    if (opened === undefined) listen()
    opened ??= new OpenedFile(path, mode, fsync)
    opened.write(line)
    if (fsync) return opened.durable()
  }

  function reopen(): void {
    // Its lines are written. When the descriptor is given back is of no importance.
    opened?.close().catch(() => {})
    opened = undefined
  }

  function listen(): void {
    if (reopenOn !== undefined && !isListening) process.on(reopenOn, reopen)
    isListening = true
  }

  listen()
  return {
    write,
    reopen,
    async close() {
      if (reopenOn !== undefined) process.off(reopenOn, reopen)
      isListening = false
      const closing = opened?.close()
      opened = undefined
      await closing
    },
  }
}

/**
 * As flag `a` does. Without O_NONBLOCK, which means nothing to a file, open(2) would wait for the reader of a named
 * pipe, and the whole process with it; so it says ENXIO. (Windows has no such flag, and no such pipes.)
 */
const APPEND = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | (constants.O_NONBLOCK ?? 0)

/** One opening of the file. */
class OpenedFile {
  readonly #descriptor: number
  readonly #writer = new LineWriter()
  readonly #commit: GroupCommit

  constructor(path: string, mode: number, isDurable: boolean) {
    this.#descriptor = openSync(path, APPEND, mode)
    this.#commit = new GroupCommit(this.#descriptor)
    try {
      if (endsWithPartialLine(path)) this.#writer.write(this.#descriptor, '\n')
      if (isDurable) syncDirectory(dirname(path))
    } catch (error) {
      closeSync(this.#descriptor)
      throw error
    }
  }

  write(line: string): void {
    this.#writer.write(this.#descriptor, line)
  }

  durable(): Promise<void> {
    return this.#commit.durable()
  }

  /** Records written to a file without a name are lost when it is closed. Costs about a microsecond a record. */
  isRemoved(): boolean {
    return fstatSync(this.#descriptor).nlink === 0
  }

  async close(): Promise<void> {
    await this.#commit.idle()
    closeSync(this.#descriptor)
  }
}

/** A file that was just made is not on the disk until its directory is (fsync(2)). */
function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
