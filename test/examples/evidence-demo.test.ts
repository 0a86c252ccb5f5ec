// `npm run demo:evidence`, as a user of the repository runs it.
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readAll, spawnProgram } from '../helpers/child-process.js'

describe('the demo of sealed records', () => {
  let temporary: string
  let output: string
  let code: number | null

  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), 'demo-'))
    const child = spawnProgram('examples/evidence-demo.ts', { TMPDIR: temporary, TEMP: temporary })
    const exit = once(child, 'exit')
    output = await readAll(child.stdout)
    ;[code] = await exit
  }, 60_000)

  afterAll(() => rmSync(temporary, { recursive: true }))

  it('ends by itself and leaves no folder', () => {
    expect(code).toBe(0)
    // Node and tsx keep their compiled code there too.
    expect(readdirSync(temporary).filter((name) => name.startsWith('evidence-demo-'))).toEqual([])
  })

  it('gets the verdict of each log', () => {
    const verdicts = [...output.matchAll(/^Verdict: ([\w ]+)\..*\n\(exit code (\d)\)$/gm)]
    expect(verdicts.map(([, verdict, exitCode]) => [verdict, exitCode])).toEqual([
      ['intact', '0'],
      ['modified', '1'],
      ['missing', '1'],
      ['unsealed tail', '3'],
      ['missing', '1'],
    ])
  })

  it('names the record that was changed, and what is missing', () => {
    expect(output).toMatch(/index 3, id [\da-f-]{36}-4, \S+Z: its content does not match its hash/)
    expect(output).toMatch(/1 missing\n +index 3, id [\da-f-]{36}-4\n/)
    expect(output).toMatch(/6 missing\n +index 6 to 11\n/)
  })
})
