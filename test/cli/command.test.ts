// The command as its user sees it, in a process of its own.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { formatSignerKey } from '#src/evidence/note-keys.js'
import { compiledRoot } from '../helpers/child-process.js'
import { change, LOG_KEY, type Parsed, VERIFIER_KEY, writeRun } from '../helpers/sealed-log.js'

let folder: string
let lines: string[]
let log: string
let keyFile: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'command-'))
  lines = await writeRun()
  log = writeInput('audit.log', lines.join(''))
  keyFile = writeInput('audit.pub', `# the key of the log\n${VERIFIER_KEY}\n`)
})
afterAll(() => rmSync(folder, { recursive: true }))

function writeInput(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function run(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
) {
  const command = join(compiledRoot(), 'src/cli.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: folder,
    encoding: 'utf8',
    input,
    env: { PATH: process.env.PATH ?? '', ...env },
  })
  expect(stderr).not.toMatch(/^ {4}at /m)
  return { status, stdout, stderr }
}

const verifyFile = (...args: string[]) => run(['verify', '--key', keyFile, ...args])

const setMessage = (record: Parsed) => {
  record.message = 'forged'
}

describe('http-audit-log', () => {
  it.each([[['--help']], [['keygen', '--help']], [['verify', '--help']], [['prove', '--help']]])(
    '%j explains itself',
    (args) => {
      const { status, stdout } = run(args)
      expect(status).toBe(0)
      expect(stdout).toContain('Usage: http-audit-log')
    },
  )

  it.each<[readonly string[], string]>([
    [[], ''],
    [['frobnicate'], 'frobnicate'],
    [['verify'], '--key'],
    [['verify', '--key', VERIFIER_KEY], 'FILE'],
    [['verify', '--key', VERIFIER_KEY, '--frobnicate', 'x'], '--frobnicate'],
    [['verify', '--key', 'nowhere', 'x'], 'nowhere'],
    [['verify', '--key', VERIFIER_KEY, '--index', 'x', 'y'], '--elasticsearch'],
    [['verify', '--key', VERIFIER_KEY, '--since', 'nowhere', 'y'], 'nowhere'],
    [['prove', '--key', VERIFIER_KEY, 'x'], '--where'],
    [['keygen'], '--name'],
    [['keygen', '--name', 'a b'], 'a b'],
  ])('%j is a usage error', (args, text) => {
    const { status, stderr } = run(args)
    expect(status).toBe(2)
    expect(stderr).toContain(text)
  })

  it.each([
    [
      'a response of _search',
      () => ({ took: 1, hits: { hits: lines.map((_source) => ({ _source: JSON.parse(_source) })) } }),
    ],
    ['an array', () => lines.map((line) => JSON.parse(line))],
  ])('advises jq for %s that is printed over several lines', (_, create) => {
    for (const start of ['', '{"level":\n']) {
      const path = writeInput('pretty.json', start + JSON.stringify(create(), null, 2))
      const { status, stdout } = verifyFile(path)
      expect(status).toBe(3)
      expect(stdout).toContain("jq -c . (an array: jq -c '.[]')")
    }
    expect(verifyFile(log).stdout).not.toContain('jq')
    expect(run(['verify', '--help']).stdout).toContain('jq -c .')
  })

  it('never prints a private key that is given by mistake', () => {
    const key = formatSignerKey(LOG_KEY)
    for (const value of [key, `"${key}"`, writeInput('signing.key', key)]) {
      const { status, stdout, stderr } = run(['verify', '--key', value, log])
      expect(status).toBe(2)
      expect(stderr).toContain('private key')
      expect(stdout + stderr).not.toContain(key.slice(-20))
    }
  })
})

describe('keygen', () => {
  it('never overwrites a key', () => {
    expect(run(['keygen', '--name', 'a.example', '--out', 'new.key']).status).toBe(0)
    const key = readFileSync(join(folder, 'new.key'), 'utf8')
    expect(statSync(join(folder, 'new.key')).mode & 0o777).toBe(0o600)
    expect(run(['keygen', '--name', 'a.example', '--out', 'new.key']).status).toBe(2)
    expect(readFileSync(join(folder, 'new.key'), 'utf8')).toBe(key)
  })
})

describe('verify', () => {
  it('ends with 0 for an intact log, from a file and from stdin', () => {
    expect(verifyFile(log)).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('intact'),
    })
    expect(
      run(['verify', '-'], { input: lines.join(''), env: { AUDIT_VERIFIER_KEY: VERIFIER_KEY } }).status,
    ).toBe(0)
  })

  it('ends with 1, 2 or 3 otherwise, and prints JSON', () => {
    const changed = writeInput('changed.log', lines.with(3, change(lines[3] as string, setMessage)).join(''))
    const { status, stdout } = verifyFile('--json', changed)
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'modified',
      runs: [{ modified: [{ index: 3 }] }],
      problems: [],
    })
    expect(verifyFile(join(folder, 'none')).status).toBe(2)
    expect(verifyFile(writeInput('cut.log', lines.slice(0, 6).join(''))).status).toBe(3)
  })

  it('has colours and a progress bar only on a terminal', () => {
    expect(verifyFile(log).stdout).not.toContain('\u001b')
    if (spawnSync('script', ['--version']).status !== 0) {
      process.stderr.write('Not tested: colours on a terminal, because script(1) is not there\n')
      return
    }
    const command = `${process.execPath} ${join(compiledRoot(), 'src/cli.js')} verify --key ${keyFile} ${log}`
    const onTerminal = (env: Record<string, string>) =>
      spawnSync('script', ['-qec', command, '/dev/null'], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH ?? '', TERM: 'xterm', ...env },
      })
    const { status, stdout } = onTerminal({})
    expect(status).toBe(0)
    expect(stdout).toContain('\u001b[32mintact')
    expect(onTerminal({ NO_COLOR: '1' }).stdout).not.toContain('\u001b[32m')
  })

  it('keeps its exit code when its reader leaves', () => {
    const changed = writeInput('changed.log', lines.with(3, change(lines[3] as string, setMessage)).join(''))
    const command = `${process.execPath} ${join(compiledRoot(), 'src/cli.js')} verify --key ${keyFile} ${changed} | true`
    const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
  })

  it('lets no control character of a log reach the terminal', () => {
    const hostile = '\u001b[2J\u009b31m\u202e\u2028\u0007'
    const edited = change(lines[3] as string, (record) =>
      Object.assign(record, { id: hostile, time: hostile }),
    )
    const path = writeInput('hostile.log', lines.with(3, edited).join(''))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none
    const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/
    for (const args of [[path], ['--json', path]]) {
      const { status, stdout, stderr } = verifyFile(...args)
      expect(status).toBe(1)
      expect(stdout + stderr).not.toMatch(controls)
    }
    expect(JSON.parse(verifyFile('--json', path).stdout).runs[0].modified[0].id).toBe(hostile)
  })

  it('leaves the file of an earlier verification as it is if it cannot write a new one', () => {
    const pinned = join(folder, 'full.json')
    expect(verifyFile('--write-checkpoint', pinned, log).status).toBe(0)
    const before = readFileSync(pinned, 'utf8')
    const command = `ulimit -f 0; ${process.execPath} ${join(compiledRoot(), 'src/cli.js')} verify --key ${keyFile} --write-checkpoint ${pinned} ${log} | cat`
    const { status } = spawnSync('bash', ['-o', 'pipefail', '-c', `trap '' XFSZ; ${command}`])
    expect(status).toBe(2)
    expect(readFileSync(pinned, 'utf8')).toBe(before)
    expect(readdirSync(folder).filter((name) => name.startsWith('full'))).toEqual(['full.json'])
  })

  it('goes on from a file of an earlier verification, and accepts bundles only when asked', () => {
    const pinned = join(folder, 'pinned.json')
    expect(verifyFile('--write-checkpoint', pinned, log).status).toBe(0)
    expect(verifyFile('--since', pinned, log).status).toBe(0)
    const command = `${process.execPath} ${join(compiledRoot(), 'src/cli.js')} verify --key ${keyFile} --write-checkpoint /dev/fd/3 ${log}`
    const { stdout } = spawnSync('bash', ['-c', `(${command} 3>&1 >&2) | cat`], { encoding: 'utf8' })
    expect(stdout).toMatch(/^\{\n {2}"version": 1/)
    const bundle = join(folder, 'bundle')
    expect(run(['prove', '--key', keyFile, '--where', 'user.id=jane', '--out', bundle, log]).status).toBe(0)
    expect(verifyFile(bundle).status).toBe(3)
    expect(verifyFile('--bundle', bundle).status).toBe(0)
  })
})
