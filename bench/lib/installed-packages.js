// How many packages come with a package, itself included.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']

/** What `npm install` of our own tarball puts in an empty directory. */
export function installOurs() {
  const directory = mkdtempSync(join(tmpdir(), 'audit-install-'))
  const npm = (cwd, ...given) => execFileSync('npm', [...given, ...QUIET], { cwd, encoding: 'utf8' })
  try {
    const [{ filename }] = JSON.parse(npm(ROOT, 'pack', '--json', '--pack-destination', directory))
    writeFileSync(join(directory, 'package.json'), '{ "private": true }')
    npm(directory, 'install', '--prefer-offline', `./${filename}`)
    return namesIn(join(directory, 'node_modules/.package-lock.json'))
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function namesIn(lock) {
  return Object.keys(JSON.parse(readFileSync(lock, 'utf8')).packages)
}

/** What a package-lock.json says that these need. */
export function lockedWith(names, lock) {
  const { packages } = JSON.parse(readFileSync(lock, 'utf8'))
  const found = new Set()
  for (const name of names) add(name, '')
  return [...found]

  function add(name, from) {
    const path = resolve(name, from)
    if (path === undefined || found.has(path)) return
    found.add(path)
    for (const needed of Object.keys(packages[path].dependencies ?? {})) add(needed, `${path}/`)
  }

  /** As Node looks it up: in the nearest node_modules first. */
  function resolve(name, from) {
    const path = `${from}node_modules/${name}`
    if (packages[path]) return path
    if (from === '') return undefined
    return resolve(name, from.slice(0, from.lastIndexOf('node_modules/')))
  }
}
