// Programs and scripts that run in a process of their own.
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { transformFileSync } from '@swc/core'

const root = join(__dirname, '../..')
const COMPILED_FOLDERS = ['src', 'test/helpers', 'test/injection', 'test/programs']
const PACKAGE_JSON = {
  name: 'http-audit-log',
  type: 'module',
  exports: {
    '.': './src/index.js',
    './express': './src/express.js',
    './koa': './src/koa.js',
    './seal': './src/seal.js',
    './verify': './src/verify.js',
    './schema.json': './schema.json',
  },
  imports: { '#src/*': './src/*' },
}

/** Runs a TypeScript program of this repository through tsx, as a user of the repository would. */
export function spawnProgram(
  file: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  })
}

/** The path of a program of `test/programs` as JavaScript, which starts faster than TypeScript through a loader. */
export function compiledProgram(name: string): string {
  return join(compiledRoot(), 'test/programs', `${name}.js`)
}

/**
 * Runs an ES module in a process of its own. It can import `http-audit-log`, `#src/...` and the installed packages.
 * Rejects when the exit code is not 0.
 */
export function runScript(script: string): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: compiledRoot(),
    timeout: 20_000,
  })
}

/**
 * Starts a server in a process of its own, sends it one request, and returns the records and the lines on stderr.
 *
 * @param options source text of the options of `auditLog`
 * @param setup source text that runs before the server starts
 * @param prepare source text that changes `request` before the middleware sees it
 */
export async function auditOneRequest({
  options = '',
  setup = '',
  prepare = '',
}: {
  readonly options?: string
  readonly setup?: string
  readonly prepare?: string
}): Promise<{ records: unknown[]; stderrLines: string[] }> {
  const { stdout, stderr } = await runScript(`
    import http from 'node:http'
    import { auditLog } from 'http-audit-log'
    ${setup}
    const audit = auditLog(${options})
    const server = http.createServer((request, response) => {
      ${prepare}
      audit(request, response)
      response.end('hello')
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    await (await fetch('http://127.0.0.1:' + server.address().port)).text()
    server.close()
    server.closeAllConnections()
  `)
  const linesOf = (text: string) => text.split('\n').filter((line) => line !== '')
  return { records: linesOf(stdout).map((line) => JSON.parse(line)), stderrLines: linesOf(stderr) }
}

/** All text of a stream. */
export async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return text
}

/** Waits until the text of a stream matches; later text is read and dropped. */
export function waitForText(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk) => {
      text += chunk
      const found = pattern.exec(text)
      if (found) resolve(found)
    })
    stream.on('end', () => reject(new Error(`The stream ended without ${pattern}: ${text}`)))
  })
}

/** The folder of the compiled sources. The first caller of a Jest run compiles; test/helpers/compiled-folder.ts cleans up. */
export function compiledRoot(): string {
  const parent = process.env.AUDIT_COMPILED_FOLDER
  if (parent === undefined) throw new Error('AUDIT_COMPILED_FOLDER is set by the globalSetup of Jest')
  const target = join(parent, 'compiled')
  if (existsSync(target)) return target
  const draft = mkdtempSync(join(parent, 'compiling-'))
  compileInto(draft)
  try {
    renameSync(draft, target)
  } catch (error) {
    // Another worker was faster.
    if (!existsSync(target)) throw error
    rmSync(draft, { recursive: true })
  }
  return target
}

function compileInto(target: string): void {
  // mkdtemp makes folders for their owner only; some tests run programs as another user.
  chmodSync(target, 0o755)
  symlinkSync(realpathSync(join(root, 'node_modules')), join(target, 'node_modules'))
  writeFileSync(join(target, 'package.json'), JSON.stringify(PACKAGE_JSON))
  copyFileSync(join(root, 'schema.json'), join(target, 'schema.json'))
  for (const folder of COMPILED_FOLDERS) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) compile(join(folder, file), target)
      else if (file.endsWith('.cjs')) copyFileSync(join(root, folder, file), join(target, folder, file))
    }
  }
}

function compile(file: string, target: string): void {
  const { code } = transformFileSync(join(root, file), {
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
  })
  const destination = join(target, file.replace(/\.ts$/, '.js'))
  mkdirSync(dirname(destination), { recursive: true })
  writeFileSync(destination, code)
}
