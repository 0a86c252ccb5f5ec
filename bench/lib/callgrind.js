// Counts what a server process executes, with valgrind's simulated processor (https://valgrind.org/docs/manual/cl-manual.html):
// nearly the same figures on a busy machine as on a free one.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The simulated caches, as an AMD EPYC has them: their size in bytes, their associativity, and the bytes of a line. `LL` is the second
 * cache of a processor core.
 */
const CACHES = ['--I1=32768,8,64', '--D1=32768,8,64', '--LL=1048576,16,64']

/** The arguments of valgrind for a program that writes its counts into a directory, when {@link count} asks for them. */
export function callgrindArguments(directory, program, flags) {
  const output = `--callgrind-out-file=${join(directory, 'counts')}`
  const mode = ['--tool=callgrind', '--quiet', '--cache-sim=yes', '--instr-atstart=no']
  // V8 writes its code while it runs.
  return [...mode, '--smc-check=all-non-file', ...CACHES, output, program, ...flags]
}

/** Counts while `run` runs. */
export async function count(pid, run) {
  control(pid, '--instr=on')
  control(pid, '--zero')
  await run()
  control(pid, '--dump')
  control(pid, '--instr=off')
}

function control(pid, command) {
  execFileSync('callgrind_control', [command, String(pid)], { stdio: 'ignore' })
}

/**
 * Reads how many instructions each function has executed, and how often its code and its data were not in the first cache.
 *
 * @returns {Map<string, { instructions: number, code: number, data: number }>}
 */
export function readCounts(directory, pid) {
  const file = readdirSync(directory).find((name) => name.startsWith('counts.'))
  const names = new Map()
  const counts = new Map()
  const findName = readCompiledNames(pid)
  let current
  let isCall = false
  let columns = []
  for (const line of readFileSync(join(directory, file), 'latin1').split('\n')) {
    const [, key, id, name] = /^(c?fn)=\((\d+)\)(?: (.*))?$/.exec(line) ?? []
    if (key !== undefined) {
      if (name !== undefined) names.set(id, findName(name.replace(/'\d+$/, '')))
      if (key === 'fn') current = names.get(id)
    } else if (line.startsWith('events: ')) columns = line.slice('events: '.length).split(' ')
    else if (line.startsWith('calls=')) isCall = true
    else if (/^[+\-*\d]/.test(line)) {
      // The line after a call has the costs of the function that was called, which are counted there.
      if (!isCall && current !== undefined)
        add(counts, current, columns, line.split(' ').slice(1).map(Number))
      isCall = false
    }
  }
  return counts
}

function add(counts, name, columns, values) {
  const sum = counts.get(name) ?? { instructions: 0, code: 0, data: 0 }
  const of = (column) => values[columns.indexOf(column)] ?? 0
  sum.instructions += of('Ir')
  sum.code += of('I1mr')
  sum.data += of('D1mr') + of('D1mw')
  counts.set(name, sum)
}

/** Names the code that V8 has compiled, by the file that `--perf-basic-prof` writes. */
function readCompiledNames(pid) {
  const path = `/tmp/perf-${pid}.map`
  const compiled = readFileSync(path, 'latin1')
    .split('\n')
    .map((line) => /^([\da-f]+) ([\da-f]+) (.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, start, size, name]) => ({
      start: Number.parseInt(start, 16),
      size: Number.parseInt(size, 16),
      name,
    }))
    // The last one at an address is the one that ran.
    .reverse()
  rmSync(path)
  return (name) => {
    if (!name.startsWith('0x')) return name
    const address = Number.parseInt(name, 16)
    const found = compiled.find(({ start, size }) => address >= start && address < start + size)
    return found?.name.replace(/\s\S*\/(?=[^/]*$)/, ' ') ?? name
  }
}
