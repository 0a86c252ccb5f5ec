// Shared by all scripts that compare servers: command-line options, the selection of candidates, pinning to processors, and
// alternating measurements.
import { execFileSync } from 'node:child_process'
import { CANDIDATES } from '../candidates.js'
import { COMMON_OPTIONS } from './save-run.js'
import { summarize } from './statistics.js'

export const COMPARISON_OPTIONS = {
  ...COMMON_OPTIONS,
  pin: { type: 'boolean', default: false },
  framework: { type: 'string', default: '' },
  rounds: { type: 'string' },
  slice: { type: 'string' },
  connections: { type: 'string', default: '64' },
}

/** @param {string} part of a framework's name; an empty string selects both */
export function selectFrameworks(part) {
  return ['express', 'koa'].filter((name) => name.includes(part))
}

/** @param {RegExp} only */
export function selectCandidates(framework, only) {
  return Object.keys(CANDIDATES).filter((name) => CANDIDATES[name][framework] && only.test(name))
}

const CLIENT_PROCESSOR = 0
const SERVER_PROCESSOR = 1

/** Pins this process, which sends the requests, to a processor when `--pin` is given. */
export function placeClient({ pin }) {
  if (pin) pinToProcessor(CLIENT_PROCESSOR, process.pid)
}

export function placeServer(pid) {
  pinToProcessor(SERVER_PROCESSOR, pid)
}

function pinToProcessor(processor, pid) {
  execFileSync('taskset', ['-acp', String(processor), String(pid)])
}

/**
 * Measures two servers in alternating time slices, so that both see the same changes in the speed of the machine. The
 * server that is measured first changes every round.
 *
 * @returns for each round `[slice of baseline, slice of server]`
 */
export async function alternate(rounds, [baseline, server], measure) {
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    const slices = new Map()
    for (const one of round % 2 === 0 ? [baseline, server] : [server, baseline])
      slices.set(one, await measure(one, round))
    pairs.push([slices.get(baseline), slices.get(server)])
  }
  return pairs
}

/** @returns a function that summarizes over all pairs what it is told to compute from one pair */
export function summarizePairs(pairs) {
  return (compute) => summarize(pairs.map(([baseline, own]) => compute(baseline, own)))
}
