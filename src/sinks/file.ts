import { closeSync, constants, fstatSync, fsyncSync, openSync } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { dirname } from 'node:path'
import { createRuntimeError, requireCapability } from '../lib/capabilities.js'
import { AuditLogError } from '../lib/errors.js'
import { describeCause, describeValue } from '../lib/inspect.js'
import { type Checks, checkBoolean, checkInteger, checkOptions } from '../lib/validate.js'
import { GroupCommit } from './group-commit.js'
import { LineWriter } from './line-writer.js'
import { PartialLineDetector } from './partial-line.js'
import { markWritesAtOnce, type Sink } from './sink.js'

export interface FileOptions {
  /**
   * Whether a record counts as accepted only when it is on the disk, instead of in the kernel's page cache. Records that
   * are written at the same time share one fdatasync(2).
   * @default false
   */
  readonly fsync?: boolean | undefined
  /**
   * The permissions of a file that the sink creates.
   * @default 0o600
   */
  readonly mode?: number | undefined
  /**
   * The signal on which the sink reopens the file, for logrotate. The signal then no longer ends the process.
   * @default undefined, no signal
   * @example 'SIGHUP'
   */
  readonly reopenOn?: NodeJS.Signals | undefined
}

/** The sink that {@link file} returns. */
export interface FileSink extends Sink {
  /** Reopens the file with the next record. After a rename, records go to a new file with the old name. */
  reopen(): void
  /** Closes the file and stops listening for `reopenOn`, once all accepted records are on the disk. */
  close(): Promise<void>
}

/** Signals that no process can catch (signal(7)). */
const UNCATCHABLE_SIGNALS = ['SIGKILL', 'SIGSTOP']

const CHECKS: Checks<FileOptions> = {
  fsync: checkBoolean,
  mode: checkInteger(0, 0o777),
  reopenOn: {
    expected: "the name of a signal that a process can catch, such as 'SIGHUP'",
    accepts: (value) =>
      Object.hasOwn(osConstants.signals, String(value)) && !UNCATCHABLE_SIGNALS.includes(String(value)),
  },
}

/**
 * Appends whole lines to a file. The file is opened at start-up, by `auditLog()` or the first logger, and created again after
 * it was deleted. While the path cannot be written, records are buffered as in every outage.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS` if the path or an option is not valid
 * @throws AuditLogError `ERR_AUDIT_RUNTIME` if this runtime lacks what an option needs
 * @example
 * app.use(auditLog({ sink: file('/var/log/app/audit.log', { fsync: true, reopenOn: 'SIGHUP' }), failClosed: true }))
 */
export function file(path: string, options: FileOptions = {}): FileSink {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new AuditLogError(
      'ERR_AUDIT_OPTIONS',
      `Expected the path of file() to be a non-empty string without NUL, got ${describeValue(path)}`,
    )
  }
  const { fsync = false, mode = 0o600, reopenOn } = checkOptions<FileOptions>(options, CHECKS)
  const need = 'A record counts as accepted only when it is written'
  requireCapability('synchronousWrites', need, 'Use another sink than file()')
  if (fsync)
    requireCapability('fdatasync', '`fsync` waits until records are on the disk', 'Leave `fsync` out')
  const partialLines = new PartialLineDetector(path)
  let openFile: OpenFile | undefined
  let isListening = false

  function ensureOpen(): OpenFile {
    if (openFile?.isDeleted()) reopen()
    if (openFile === undefined) {
      // Again after `close`, which has removed the listener: without one the signal ends the process.
      listen()
      openFile = new OpenFile({ path, mode, fsync, partialLines })
    }
    return openFile
  }

  function write(line: string): void | Promise<void> {
    const file = ensureOpen()
    file.write(line)
    if (fsync) return file.commit()
  }

  function reopen(): void {
    // The written lines are safe in the kernel, so an error of close(2) loses nothing.
    openFile?.close().catch(() => {})
    openFile = undefined
  }

  function listen(): void {
    if (reopenOn !== undefined && !isListening) listenForSignal(reopenOn, reopen)
    isListening = true
  }

  listen()
  return markWritesAtOnce({
    open: () => void ensureOpen(),
    write,
    reopen,
    async close() {
      if (reopenOn !== undefined) process.off(reopenOn, reopen)
      isListening = false
      const closing = openFile?.close()
      openFile = undefined
      await closing
    },
  })
}

/** @throws AuditLogError `ERR_AUDIT_RUNTIME` for a signal that the runtime does not let a program handle */
function listenForSignal(signal: NodeJS.Signals, listener: () => void): void {
  try {
    process.on(signal, listener)
  } catch (cause) {
    const missing = `a listener for ${signal}: ${describeCause(cause)}`
    throw createRuntimeError(
      missing,
      '`reopenOn` reopens the file on this signal',
      'Choose another signal',
      cause,
    )
  }
}

/**
 * As Node's flag `a`, with O_NONBLOCK: it does nothing for a file, but open(2) of a named pipe without a reader fails with
 * ENXIO instead of blocking the process. Windows has neither the flag nor such pipes.
 */
const APPEND = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | (constants.O_NONBLOCK ?? 0)

interface OpenFileOptions {
  readonly path: string
  readonly mode: number
  readonly fsync: boolean
  readonly partialLines: PartialLineDetector
}

/** One descriptor of the file, from open(2) to close(2). */
class OpenFile {
  readonly #descriptor: number
  readonly #writer = new LineWriter()
  readonly #groupCommit: GroupCommit

  constructor({ path, mode, fsync, partialLines }: OpenFileOptions) {
    this.#descriptor = openSync(path, APPEND, mode)
    this.#groupCommit = new GroupCommit(this.#descriptor)
    try {
      if (partialLines.endsWithPartialLine()) this.#writer.write(this.#descriptor, '\n')
      if (fsync) syncDirectory(dirname(path))
    } catch (error) {
      closeSync(this.#descriptor)
      throw error
    }
  }

  write(line: string): void {
    this.#writer.write(this.#descriptor, line)
  }

  /** Waits until the lines written so far are on the disk. */
  commit(): Promise<void> {
    return this.#groupCommit.commit()
  }

  /** Checked with each record, because records in a deleted file are lost when the file is closed. */
  isDeleted(): boolean {
    return fstatSync(this.#descriptor).nlink === 0
  }

  async close(): Promise<void> {
    await this.#groupCommit.waitUntilIdle()
    closeSync(this.#descriptor)
  }
}

/** The entry of a new file is on the disk only after fsync(2) of its directory. */
function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
