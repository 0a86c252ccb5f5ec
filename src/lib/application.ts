// Finds the package of the application that this process runs. Where a tool runs the application, or several applications
// have one package, the answer is "unknown" instead of the name of something else.
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { isPlainObject } from './validate.js'

/** Texts as package.json has them: any length. Absent if unknown. */
export interface Application {
  readonly name?: string
  readonly version?: string
}

/** The facts of a process that show which application it runs. */
export interface ProcessFacts {
  readonly argv: readonly string[]
  readonly execArgv: readonly string[]
  readonly execPath: string
  readonly env: Readonly<Record<string, string | undefined>>
  cwd(): string
}

interface Package {
  readonly directory: string
  readonly content: Readonly<Record<string, unknown>>
}

const UNKNOWN: Application = {}

const OUR_NAME = 'http-audit-log'

/** Packages that start an application and are not installed in a `node_modules` directory. */
const RUNNERS = new Set([OUR_NAME, 'azure-functions-nodejs-worker', 'passenger'])

/** A package.json with nothing else tells Node how to load the files beside it, such as `{ "type": "module" }` in `dist`. */
const LOADER_KEYS = new Set([
  'type',
  'sideEffects',
  'main',
  'module',
  'types',
  'browser',
  'imports',
  'exports',
])

const DEPENDENCY_KEYS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']

/** Beside the package.json of a repository with several applications, by the pattern that shows it. */
const WORKSPACE_FILES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['pnpm-workspace.yaml', /^packages:/m],
  ['nest-cli.json', /"monorepo"\s*:\s*true/],
  ['nx.json', /^/],
  ['lerna.json', /^/],
  ['rush.json', /^/],
]

const MAX_LEVELS = 32
const MAX_FILE_BYTES = 2 ** 20

/** Never throws. */
export function findApplication(facts: ProcessFacts = process): Application {
  try {
    const found = findPackage(facts)
    if (found === undefined || isWorkspaceRoot(found)) return UNKNOWN
    const { name, version } = found.content
    if (typeof name !== 'string' || RUNNERS.has(name)) return UNKNOWN
    return typeof version === 'string' ? { name, version } : { name }
  } catch {
    return UNKNOWN
  }
}

function findPackage(facts: ProcessFacts): Package | undefined {
  const start = findMainDirectory(facts)
  if (start !== 'elsewhere') return start === 'unknown' ? undefined : findNearestPackage(start)
  // The working directory may be any, so its package counts only if it uses this one.
  const candidate = findNearestPackage(facts.cwd())
  return candidate !== undefined && dependsOnUs(candidate) ? candidate : undefined
}

/** `elsewhere`: there is no main module, or it is a tool that runs the application. */
function findMainDirectory({ argv, execArgv, execPath, env }: ProcessFacts): string {
  // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html: the main module is that of the runtime.
  if (env.LAMBDA_TASK_ROOT) return env.LAMBDA_TASK_ROOT
  const main = argv[1]
  if (main === undefined || !isAbsolute(main) || execArgv.some(isEvalFlag)) return 'elsewhere'
  const path = findRealPath(main) ?? findRealPath(dirname(main))
  // A single executable application has no package.json.
  if (path === undefined || path === findRealPath(execPath)) return 'unknown'
  const directory = statSync(path).isDirectory() ? path : dirname(path)
  if (!isInstalled(directory)) return directory
  // PM2 starts its own module, which loads the one in this variable.
  const script = /[\\/]pm2[\\/]/.test(directory) ? env.pm_exec_path : undefined
  return script !== undefined && isAbsolute(script) && !isInstalled(script) ? dirname(script) : 'elsewhere'
}

/** With `-e` and `-p` the arguments are not the path of a script. */
function isEvalFlag(argument: string): boolean {
  return /^(?:-[ep]|-pe|--eval|--print)(?:=|$)/.test(argument)
}

function isInstalled(path: string): boolean {
  return path.split(/[\\/]/).includes('node_modules')
}

function findRealPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

/** @throws if the nearest package.json cannot be read or parsed: one further up is that of something else */
function findNearestPackage(start: string): Package | undefined {
  let directory = start
  for (let level = 0; level < MAX_LEVELS && basename(directory) !== 'node_modules'; level++) {
    const text = readSmallFile(join(directory, 'package.json'))
    if (text !== undefined) {
      const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
      if (!isPlainObject(content)) return undefined
      if (Object.keys(content).some((key) => !LOADER_KEYS.has(key))) return { directory, content }
    }
    const parent = dirname(directory)
    if (parent === directory) return undefined
    directory = parent
  }
  return undefined
}

/** `undefined` if there is no such file. @throws if it cannot be read, or is too large to be what it seems */
function readSmallFile(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile()) return undefined
  if (stats.size > MAX_FILE_BYTES) throw new Error(`${path} is too large`)
  return readFileSync(path, 'utf8')
}

/** Its name is that of the repository, not of one of its applications. */
function isWorkspaceRoot({ directory, content }: Package): boolean {
  if (content.workspaces !== undefined) return true
  return WORKSPACE_FILES.some(([name, pattern]) => {
    const text = readSmallFile(join(directory, name))
    return text !== undefined && pattern.test(text)
  })
}

function dependsOnUs({ content }: Package): boolean {
  return DEPENDENCY_KEYS.some((key) => {
    const dependencies = content[key]
    return isPlainObject(dependencies) && Object.hasOwn(dependencies, OUR_NAME)
  })
}
