import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from '@jest/globals'
import { LineWriter } from '#src/sinks/line-writer.js'

const directory = mkdtempSync(join(tmpdir(), 'audit-line-writer-'))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const onPosix = process.platform === 'win32' ? it.skip : it

onPosix(
  'writes the rest of a line of which a full pipe takes only a part, whatever its characters',
  async () => {
    const path = join(directory, 'pipe')
    execFileSync('mkfifo', [path])
    const read = join(directory, 'read')
    // In another process: this one blocks while the pipe is full.
    const reader = spawn('sh', ['-c', `cat '${path}' > '${read}'`])
    // Waits until there is a reader, which a non-blocking open does not.
    const blocking = openSync(path, 'w')
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    closeSync(blocking)
    const writer = new LineWriter()
    // Each is ten times the capacity of a pipe, in characters of one, two, three and four bytes.
    const lines = ['x', 'é', '日本', '😀'].map(
      (text) => `${text.repeat(640_000 / Buffer.byteLength(text))}\n`,
    )
    for (const line of lines) writer.write(descriptor, line)
    closeSync(descriptor)
    await once(reader, 'close')
    expect(readFileSync(read, 'utf8') === lines.join('')).toBe(true)
  },
)
