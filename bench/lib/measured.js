// What scripts that measure servers have in common: their options, who takes part, and how two are compared.
import { execFileSync } from 'node:child_process'
import { CANDIDATES } from '../candidates.js'
import { COMMON_OPTIONS } from './saved-run.js'
import { summarize } from './statistics.js'

export const MEASURE_OPTIONS = {
  ...COMMON_OPTIONS,
  pin: { type: 'boolean', default: false },
  framework: { type: 'string', default: '' },
  rounds: { type: 'string' },
  slice: { type: 'string' },
  connections: { type: 'string', default: '64' },
}

export function frameworksNamed(part) {
  return ['express', 'koa'].filter((name) => name.includes(part))
}

/** @param {RegExp} only */
export function candidatesOf(framework, only) {
  return Object.keys(CANDIDATES).filter((name) => CANDIDATES[name][framework] && only.test(name))
}

const PROCESSOR_OF_LOAD = 0
const PROCESSOR_OF_SERVERS = 1

/** This process makes the load. Whether it has a processor for itself is an option, see {@link MEASURE_OPTIONS}. */
export function placeLoad({ pin }) {
  if (pin) keepOnProcessor(PROCESSOR_OF_LOAD, process.pid)
}

export function placeServer(pid) {
  keepOnProcessor(PROCESSOR_OF_SERVERS, pid)
}

function keepOnProcessor(processor, pid) {
  execFileSync('taskset', ['-acp', String(processor), String(pid)])
}

/**
 * Slice by slice in turns; who begins takes turns as well.
 *
 * @returns of each round what both slices were, the first server's first
 */
export async function inTurns(rounds, [base, server], measure) {
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    const slices = new Map()
    for (const one of round % 2 === 0 ? [base, server] : [server, base])
      slices.set(one, await measure(one, round))
    pairs.push([slices.get(base), slices.get(server)])
  }
  return pairs
}

export function summarizePairs(pairs) {
  return (compute) => summarize(pairs.map(([base, own]) => compute(base, own)))
}
