// The goals of run.js. Both sides of a goal were measured in the same rounds, so that the differences within each round are
// compared: they vary less than the ratios.
import { atLeast, atMost } from './goals.js'
import { majorOf } from './node-binaries.js'
import { summarize } from './statistics.js'

const DEFAULT = 'http-audit-log'
const PEER = { express: 'pino-http', koa: 'koa-pino-logger' }
const FLOOR = 'floor: straight line'
/** How much each option may take from the ratio of the default record. */
const MAX_LOSS = 0.05
/** The goal of the seal, CPU time of a record in microseconds. */
const MAX_SEAL_MICROS = 5
const OPTIONS = ['ecs', 'ocsf', 'currentAudit()', 'audited() with 1 KB', 'pseudonyms', 'file()', 'failClosed']

/** @returns a goal for each pair, if both candidates were measured */
export function listRatioGoals(results) {
  const goals = []
  for (const { node, framework, destination } of results.filter(({ name }) => name === DEFAULT)) {
    const find = (name) =>
      results.find(
        (one) =>
          one.name === name &&
          one.node === node &&
          one.framework === framework &&
          one.destination === destination,
      )
    const where = `Node ${majorOf(node)}, ${framework}, ${destination}`
    const ours = find(DEFAULT)
    const peer = PEER[framework]
    addRatio(ours, find(peer), 0)
    addRatio(ours, find(`${peer}, same content`), MAX_LOSS)
    for (const option of OPTIONS) addRatio(find(`${DEFAULT}, ${option}`), ours, -MAX_LOSS)
    addRatio(find(`${DEFAULT}, failClosed`), find(`${DEFAULT}, file()`), -MAX_LOSS)
    addMicros(find(`${DEFAULT}, sealed`), MAX_SEAL_MICROS)
    const floor = find(FLOOR)
    if (floor) {
      const added = summarizeDifferences(ours.rounds.added, floor.rounds.added)
      goals.push(atMost(3, added.median, `${where}: CPU µs above the straight line`, errorOf(added, ours)))
    }

    /** Adds the goal for the CPU time that an option adds to a record. */
    function addMicros(one, limit) {
      if (!one) return
      const added = summarizeDifferences(one.rounds.added, ours.rounds.added)
      goals.push(
        atMost(limit, added.median, `${where}: CPU µs of ${one.name} above the default`, errorOf(added, one)),
      )
    }

    function addRatio(one, other, atLeastMore) {
      if (!one || !other) return
      const difference = summarizeDifferences(one.rounds.ratios, other.rounds.ratios)
      const label = `${where}: ${describe(one)} minus ${describe(other)}`
      goals.push(atLeast(atLeastMore, difference.median, label, errorOf(difference, one)))
    }
  }
  return goals
}

function describe({ name, ratio }) {
  return `${name} ${ratio.median.toFixed(2)}`
}

function summarizeDifferences(ones, others) {
  return summarize(ones.map((one, round) => one - others[round]))
}

/** The standard error of a median, from the distance between the quartiles. */
function errorOf({ low, high }, { rounds }) {
  return Number(((0.93 * (high - low)) / Math.sqrt(rounds.ratios.length)).toFixed(3))
}
