// What we want to reach. A machine that others use as well may miss it, so nothing fails on these.

/** @param {number} noise what the same measurement makes of no difference: beyond the limit nothing can be told */
export function atMost(limit, value, what, noise = 0) {
  return { what, value, atMost: limit, noise, isMet: noise > limit ? null : value <= limit }
}

export function atLeast(limit, value, what) {
  return { what, value, atLeast: limit, isMet: value >= limit }
}

export function showGoals(goals) {
  console.log()
  for (const { what, value, isMet, noise = 0, ...bound } of goals) {
    const limit = bound.atMost === undefined ? `at least ${bound.atLeast}` : `at most ${bound.atMost}`
    const verdict = isMet === null ? 'UNSURE' : isMet ? 'met   ' : 'MISSED'
    console.log(`${verdict} ${what}: ${value}, ${limit}${noise > 0 ? `; noise ${noise}` : ''}`)
  }
}
