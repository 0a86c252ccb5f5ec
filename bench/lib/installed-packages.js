// Counts the packages that are installed with a package, the package itself included.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']

/** Installs a tarball of this package in an empty directory, and lists what npm put there. */
export function installThisPackage() {
  const directory = mkdtempSync(join(tmpdir(), 'audit-install-'))
  const npm = (cwd, ...args) => execFileSync('npm', [...args, ...QUIET], { cwd, encoding: 'utf8' })
  try {
    const [{ filename }] = JSON.parse(npm(ROOT, 'pack', '--json', '--pack-destination', directory))
    writeFileSync(join(directory, 'package.json'), '{ "private": true }')
    npm(directory, 'install', '--prefer-offline', `./${filename}`)
    return listPackages(join(directory, 'node_modules/.package-lock.json'))
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function listPackages(lockFile) {
  return Object.keys(JSON.parse(readFileSync(lockFile, 'utf8')).packages)
}

/** The named packages and all their dependencies, according to a package-lock.json. */
export function listDependencies(names, lockFile) {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'))
  const found = new Set()
  for (const name of names) add(name, '')
  return [...found]

  function add(name, from) {
    const path = resolve(name, from)
    if (path === undefined || found.has(path)) return
    found.add(path)
    for (const dependency of Object.keys(packages[path].dependencies ?? {})) add(dependency, `${path}/`)
  }

  /** Node's resolution order: the nearest node_modules first. */
  function resolve(name, from) {
    const path = `${from}node_modules/${name}`
    if (packages[path]) return path
    if (from === '') return undefined
    return resolve(name, from.slice(0, from.lastIndexOf('node_modules/')))
  }
}
