// Every code example of README.md and docs/ compiles against the public types, and those marked `run` are run.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { transformFile } from '@swc/core'
import ts from 'typescript'
import { formatSignerKey, formatVerifierKey, generateSignerKey } from '#src/evidence/note-keys.js'
import { findAuditViolations, findDatapuntViolations } from '../helpers/audit-schema.js'
import { compiledRoot } from '../helpers/child-process.js'
import { readJson, readText } from '../helpers/read-file.js'
import { type CodeBlock, codeBlocksOf, PAGES } from './markdown.js'

const root = resolve(__dirname, '../..')
const GLOBALS = 'test/docs/example-globals.ts'
/** The folder of the examples that use `require`. */
const REQUIRED = 'required'
const TIMEOUT_MS = 20_000

/** What a reader of docs/evidence.md has from `http-audit-log keygen`. */
const signerKey = generateSignerKey('audit.example.org')
const KEYS = {
  AUDIT_SIGNING_KEY: formatSignerKey(signerKey),
  AUDIT_VERIFIER_KEY: formatVerifierKey(signerKey),
}

const blocks = PAGES.flatMap(codeBlocksOf)
const programs = blocks.filter(({ language }) => ['ts', 'js'].includes(language))
/** Parts of this repository, which other tests run. */
const files = programs.filter(({ annotation }) => annotation?.startsWith('file '))
const checked = programs.filter(({ annotation }) => !/^(?:skip: |file )/.test(annotation ?? ''))
const runnable = checked.filter(({ annotation }) => annotation?.startsWith('run'))

/** Inside the folder of the compiled sources, so that examples can import `http-audit-log` and the installed packages. */
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(compiledRoot(), 'examples-'))
  await Promise.all([
    compile(join(root, GLOBALS), 'globals.js', 'es6'),
    compileForRequire(),
    ...checked.map((block) => write(fileOf(block), block.code)),
  ])
}, 60_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('code examples', () => {
  it('compile against the public types', () => {
    const [declaring, others] = partition(checked, ({ code }) =>
      code.includes("declare module 'http-audit-log'"),
    )
    // In a program a declaration applies to all of its files, but a reader of one example does not have that of another.
    const problems = [others, ...declaring.map((block) => [block])].flatMap(findProblems)
    expect(problems).toEqual([])
  }, 120_000)

  it.each(runnable.map((block) => [nameOf(block), block] as const))('%s runs', async (_name, block) => {
    const printed = await run(block)
    const next = blocks[blocks.indexOf(block) + (requestsOf(block) ? 2 : 1)]
    if (next?.annotation === 'output') {
      const expected = JSON.parse(next.code)
      const lines = printed.trimEnd().split('\n')
      // A list has an excerpt of each record, otherwise the last line counts.
      if (Array.isArray(expected)) expect(lines.map((line) => JSON.parse(line).audit)).toMatchObject(expected)
      else expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject(expected)
    }
  })

  it.each(files.map((block) => [nameOf(block), block] as const))('%s is the file', (_name, block) => {
    const [, path = ''] = (block.annotation ?? '').split(' ')
    expect(block.code).toBe(readText(path))
  })

  it('create the application that they use, and make it listen', () => {
    for (const { code, ...block } of programs.map((block) => ({ ...block, name: nameOf(block) }))) {
      if (/= express\(\)|new Koa\(/.test(code))
        expect([block.name, code]).toEqual([
          block.name,
          expect.stringMatching(/\.listen\(|\.inject\(|request\(app\)|createServer/),
        ])
    }
  })

  it('are skipped only where a package is missing that this repository does not install', () => {
    const { devDependencies } = readJson<{ devDependencies: Record<string, string> }>('package.json')
    const skipped = programs.filter((block) => !checked.includes(block) && !files.includes(block))
    for (const block of skipped) {
      const [, name] = /^skip: needs (\S+)$/.exec(block.annotation ?? '') ?? []
      expect([nameOf(block), name !== undefined && !(name in devDependencies)]).toEqual([nameOf(block), true])
      expect(block.code).toContain(`'${name}'`)
    }
  })

  it('of the record are valid JSON and agree with the schema', () => {
    for (const block of blocks.filter(({ language }) => language === 'json')) {
      const parsed = JSON.parse(block.code)
      if (parsed.audit === undefined || block.annotation === 'output') continue
      const validate = parsed.audit.run === undefined ? findDatapuntViolations : findAuditViolations
      expect([nameOf(block), validate(parsed)]).toEqual([nameOf(block), []])
    }
  })

  it('for the shell name scripts and files that exist', () => {
    const { scripts } = readJson<{ scripts: Record<string, string> }>('package.json')
    for (const block of blocks.filter(({ language }) => language === 'sh')) {
      const base = dirname(join(root, block.page))
      for (const [, named, short] of block.code.matchAll(
        /\bnpm (?:run (?:--silent )?([\w:-]+)|(test|start)\b)/g,
      )) {
        expect([nameOf(block), Object.keys(scripts)]).toEqual([
          nameOf(block),
          expect.arrayContaining([named ?? short]),
        ])
      }
      for (const [, file = ''] of block.code.matchAll(
        /\b(?:bash|sh|node|npx jest) ((?:[\w.-]+\/)+[\w.-]+)/g,
      )) {
        expect([nameOf(block), existsSync(join(root, file)) || existsSync(join(base, file)), file]).toEqual([
          nameOf(block),
          true,
          file,
        ])
      }
    }
  })
})

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}

function findProblems(examples: readonly CodeBlock[]): string[] {
  const { options } = ts.parseJsonConfigFileContent(readJson('tsconfig.json'), ts.sys, root)
  const files = [...examples.map((block) => join(folder, fileOf(block))), join(root, GLOBALS)]
  const paths = { ...options.paths, 'http-audit-log/schema.json': ['./schema.json'] }
  const compilerOptions = { ...options, paths, allowJs: true, checkJs: true }
  const program = ts.createProgram(files, compilerOptions, createHost(compilerOptions))
  return ts.getPreEmitDiagnostics(program).map(describeProblem)
}

/** Parsed once for all programs, because most files are the declarations of packages. */
const sourceFiles = new Map<string, ts.SourceFile | undefined>()

function createHost(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options)
  return {
    ...host,
    getSourceFile(name, ...rest) {
      if (!sourceFiles.has(name)) sourceFiles.set(name, host.getSourceFile(name, ...rest))
      return sourceFiles.get(name)
    },
  }
}

function nameOf({ page, line }: CodeBlock): string {
  return `${page}:${line}`
}

function fileOf(block: CodeBlock): string {
  const name = nameOf(block).replaceAll(/\W/g, '-')
  return block.language === 'js' ? `${REQUIRED}/${name}.js` : `${name}.ts`
}

function describeProblem({ file, start, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n')
  if (file === undefined || start === undefined) return message
  const example = checked.find((block) => file.fileName.endsWith(fileOf(block).replaceAll('\\', '/')))
  const { line } = file.getLineAndCharacterOfPosition(start)
  return example
    ? `${example.page}:${example.line + line + 1} ${message}`
    : `${file.fileName}:${line + 1} ${message}`
}

/** The requests that follow an example in a block of their own, one a line. */
function requestsOf(block: CodeBlock): string[] | undefined {
  const next = blocks[blocks.indexOf(block) + 1]
  return next?.annotation === 'requests' ? next.code.trimEnd().split('\n') : undefined
}

/** Runs an example in a process of its own; `run GET /path` also sends that request. Gives its stdout. */
async function run(block: CodeBlock): Promise<string> {
  const single = block.annotation?.replace(/^run ?/, '') ?? ''
  const file = join(folder, fileOf(block)).replace(/\.ts$/, '.js')
  const requests = requestsOf(block) ?? (single === '' ? [] : [single])
  const request = requests.length === 0 ? '' : `sendRequests(${JSON.stringify(requests)})`
  if (block.language === 'ts') await compile(join(folder, fileOf(block)), file, 'es6')
  const code = await readFile(file, 'utf8')
  await writeFile(file, `${code}\n${request}\n`)
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', './globals.js', file], {
    cwd: folder,
    timeout: TIMEOUT_MS,
    env: { ...process.env, ...KEYS },
  })
  return stdout
}

/** Another copy of the package, which `require` can load on every version of Node. */
async function compileForRequire(): Promise<void> {
  const sources = await readdir(join(root, 'src'), { recursive: true })
  await write(`${REQUIRED}/package.json`, '{ "name": "http-audit-log", "exports": "./src/index.js" }')
  await Promise.all(
    sources
      .filter((name) => name.endsWith('.ts'))
      .map((name) =>
        compile(join(root, 'src', name), join(REQUIRED, 'src', name.replace(/\.ts$/, '.js')), 'commonjs'),
      ),
  )
  for (const name of sources.filter((name) => name.endsWith('.cjs'))) {
    await write(join(REQUIRED, 'src', name), await readFile(join(root, 'src', name), 'utf8'))
  }
}

async function compile(source: string, target: string, type: 'es6' | 'commonjs'): Promise<void> {
  const { code } = await transformFile(source, {
    swcrc: false,
    module: { type, ignoreDynamic: true },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript' },
      experimental: { keepImportAttributes: true },
    },
  })
  await write(target, code)
}

async function write(name: string, content: string): Promise<void> {
  const path = resolve(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
}
