// The programs that tests run, as JavaScript: they start in a quarter of the time that a loader for TypeScript
// takes, which counts where a test needs a hundred of them.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from '@jest/globals'
import { transformFileSync } from '@swc/core'

const root = join(__dirname, '../..')
const SOURCES = ['src', 'test/programs']
const PACKAGE = {
  name: 'http-audit-log',
  type: 'module',
  exports: { '.': './src/index.js', './express': './src/express.js', './koa': './src/koa.js' },
  imports: { '#src/*': './src/*' },
}

let compiled: string | undefined

/** Where to find a program of `test/programs` as JavaScript. It is removed after the tests of the file. */
export function compiledProgram(name: string): string {
  compiled ??= compileAll()
  return join(compiled, 'test/programs', `${name}.js`)
}

afterAll(() => {
  if (compiled !== undefined) rmSync(compiled, { recursive: true })
})

function compileAll(): string {
  const target = mkdtempSync(join(tmpdir(), 'audit-programs-'))
  symlinkSync(realpathSync(join(root, 'node_modules')), join(target, 'node_modules'))
  writeFileSync(join(target, 'package.json'), JSON.stringify(PACKAGE))
  for (const folder of SOURCES) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) compile(join(folder, file), target)
    }
  }
  return target
}

function compile(file: string, target: string): void {
  const { code } = transformFileSync(join(root, file), {
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  })
  const destination = join(target, file.replace(/\.ts$/, '.js'))
  mkdirSync(dirname(destination), { recursive: true })
  writeFileSync(destination, code)
}
