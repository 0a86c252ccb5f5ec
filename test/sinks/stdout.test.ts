import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { readAll, spawnProgram, waitForText } from '../helpers/child-process.js'

const sequenceOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line).audit.seq)
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('stdout()', () => {
  it('has written the record before a process.exit() right after the response', async () => {
    const child = spawnProgram('test/programs/server.ts')
    const output = readAll(child.stdout)
    const [, url] = await waitForText(child.stderr, /Listening on (http:\S+)/)
    await (await fetch(`${url}/`)).text()
    await (await fetch(`${url}/exit`)).text()
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
    expect(sequenceOf(await output)).toEqual([1, 2])
  })

  // 2,000 records of 2 kB are 60 times the capacity of a pipe.
  it.each([
    ['a pipe', {}],
    ['a pipe that the application has made non-blocking', { TOUCH: '1' }],
  ])('loses no record at process.exit() with a slow reader of %s', async (_case, env) => {
    const child = spawnProgram('test/programs/burst.ts', { COUNT: '2000', SIZE: '2000', ...env })
    const chunks: string[] = []
    child.stdout.setEncoding('utf8')
    for await (const chunk of child.stdout) {
      chunks.push(chunk)
      if (chunks.length < 20) await pause(5)
    }
    expect(sequenceOf(chunks.join(''))).toEqual(oneTo(2000))
  })

  it('shares a file with the output of the application without overwriting on either side', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'audit-')), 'out.log')
    await promisify(execFile)(
      'sh',
      ['-c', `"$0" --import tsx test/programs/burst.ts > "$1"`, process.execPath, file],
      {
        env: { ...process.env, COUNT: '50', TOUCH: '1' },
      },
    )
    const text = readFileSync(file, 'utf8')
    expect(text.startsWith('a line of the application\n')).toBe(true)
    expect(sequenceOf(text)).toEqual(oneTo(50))
  })

  it('writes each record with one write(2)', async () => {
    const child = spawnProgram('test/programs/burst.ts', { COUNT: '3', SIZE: '3000' })
    const reads: string[] = []
    child.stdout.setEncoding('utf8')
    // A reader that keeps up reads one write or several from a pipe, but never a part of one.
    for await (const chunk of child.stdout) reads.push(chunk)
    expect(reads.every((chunk) => chunk.endsWith('}\n'))).toBe(true)
    expect(sequenceOf(reads.join(''))).toEqual([1, 2, 3])
  })
})
