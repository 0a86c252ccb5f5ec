// Goals: limits that a measured value should keep. A missed goal is printed and does not fail the script, because other
// work on the machine can cause it.

/** @param {number} noise how much the value varies by itself: closer to the limit than that, it is inconclusive */
export function atMost(limit, value, label, noise = 0) {
  return { label, value, atMost: limit, noise, isMet: isMet(limit - value, noise) }
}

export function atLeast(limit, value, label, noise = 0) {
  return { label, value, atLeast: limit, noise, isMet: isMet(value - limit, noise) }
}

function isMet(margin, noise) {
  return Math.abs(margin) < noise ? null : margin >= 0
}

export function printGoals(goals) {
  console.log()
  for (const goal of goals) {
    const { verdict, value, limit } = describeVerdict(goal)
    console.log(`${verdict.padEnd(7)} ${goal.label}: ${value}, goal: ${limit}`)
  }
}

export function describeVerdict({ value, isMet, noise = 0, ...bound }) {
  return {
    verdict: isMet === null ? 'UNCLEAR' : isMet ? 'met' : 'MISSED',
    value: noise > 0 ? `${value} ±${noise}` : String(value),
    limit: bound.atMost === undefined ? `at least ${bound.atLeast}` : `at most ${bound.atMost}`,
  }
}
