// Shared by all scripts that compare servers: command-line options, the selection of candidates, and alternating
// measurements.
import { CANDIDATES } from '../candidates.js'
import { NODE_OPTION } from './node-binaries.js'
import { PIN_OPTION } from './processors.js'
import { COMMON_OPTIONS } from './save-run.js'
import { summarize } from './statistics.js'

export const COMPARISON_OPTIONS = {
  ...COMMON_OPTIONS,
  ...NODE_OPTION,
  ...PIN_OPTION,
  framework: { type: 'string', default: '' },
  rounds: { type: 'string' },
  slice: { type: 'string' },
  connections: { type: 'string', default: '64' },
}

const BETWEEN_BASELINES = 3

/** @param {string} part of a framework's name; an empty string selects both */
export function selectFrameworks(part) {
  return ['express', 'koa'].filter((name) => name.includes(part))
}

/** @param {RegExp} only */
export function selectCandidates(framework, only) {
  return Object.keys(CANDIDATES).filter((name) => CANDIDATES[name][framework] && only.test(name))
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

/**
 * Measures any number of servers in turns: in each round every candidate once, in another order, and its baseline before and
 * after every third one. All candidates therefore see the same changes in the speed of the machine.
 *
 * @param {{ server: object, baseline: object }[]} candidates
 * @returns for each candidate and round `[mean of the two slices of the baseline around it, its own slice]`
 */
export async function takeTurns(candidates, rounds, measure) {
  const pairs = new Map(candidates.map((candidate) => [candidate, []]))
  for (let round = 0; round < rounds; round++) {
    for (const baseline of new Set(candidates.map((candidate) => candidate.baseline))) {
      const order = shuffle(candidates.filter((candidate) => candidate.baseline === baseline))
      let before = await measure(baseline)
      for (let first = 0; first < order.length; first += BETWEEN_BASELINES) {
        const group = order.slice(first, first + BETWEEN_BASELINES)
        const slices = []
        for (const { server } of group) slices.push(await measure(server))
        const after = await measure(baseline)
        for (const [index, candidate] of group.entries())
          pairs.get(candidate).push([averageSlices(before, after), slices[index]])
        before = after
      }
    }
  }
  return pairs
}

/** A server that costs its successor something, for example by what it leaves in caches, has another successor each time. */
function shuffle(values) {
  return values
    .map((value) => [Math.random(), value])
    .sort(([one], [other]) => one - other)
    .map(([, value]) => value)
}

function averageSlices(one, other) {
  return Object.fromEntries(Object.keys(one).map((key) => [key, (one[key] + other[key]) / 2]))
}

/** @returns a function that summarizes over all pairs what it is told to compute from one pair */
export function summarizePairs(pairs) {
  return (compute) => summarize(pairs.map(([baseline, own]) => compute(baseline, own)))
}
