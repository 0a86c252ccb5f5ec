// The Node binaries that servers run on. The client that sends the requests always runs on the Node that runs the script, so
// that all servers see the same load.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const NODE_OPTION = { node: { type: 'string', multiple: true } }

/** Ignored by git. */
const CACHE = fileURLToPath(new URL('../.node', import.meta.url))

/**
 * @param {string[] | undefined} values of `--node`: paths of binaries, or versions such as `24`, which are installed from
 * the npm registry. Without a value, the servers run on the Node that runs the script.
 */
export function resolveNodes(values = [process.execPath]) {
  return values.map((value) => {
    const path = /^\d+(\.\d+)*$/.test(value) ? installNode(value) : resolve(value)
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim().slice(1)
    return { path, version }
  })
}

/** @returns the path of the binary */
function installNode(version) {
  const folder = join(CACHE, version)
  const name = packageOfPlatform()
  const path = join(folder, 'node_modules', name, 'bin/node')
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
  execFileSync('npm', [...args, `${name}@${version}`], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return path
}

/** The npm package that contains the Node binary for this platform; `.ci/run` knows the same names. */
function packageOfPlatform() {
  const target = `${process.platform}-${process.arch}`
  return target === 'darwin-arm64' ? `node-bin-${target}` : `node-${target}`
}

export const majorOf = (version) => Number.parseInt(version, 10)

/** The order in which results are shown: the lines that most people run first. */
const SHOWN_FIRST = [24, 26]

export function sortForDisplay(versions) {
  const rank = (version) => {
    const position = SHOWN_FIRST.indexOf(majorOf(version))
    return position === -1 ? SHOWN_FIRST.length - majorOf(version) / 1000 : position
  }
  return [...versions].sort((one, other) => rank(one) - rank(other))
}
