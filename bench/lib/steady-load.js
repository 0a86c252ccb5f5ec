// An open loop: requests come at their rate, whether or not those before them were answered. The latency of one counts
// from when it was to be sent, so that a server that stands still is charged for all that it keeps waiting, not for one
// request of each connection ("coordinated omission").

/**
 * A timer of Node wakes up once in a millisecond, and would send what is due in bursts. This looks at the clock in each
 * turn of the event loop instead, and so needs a processor for itself.
 * @returns the latency of each request and how late each was noticed to be due, both in milliseconds; how many had to wait
 * for a connection; and how long it took until all were answered
 */
export function askSteadily(clients, { perSecond, ms, nextRequest }) {
  const everyMs = 1000 / perSecond
  const idle = [...clients]
  const due = []
  const latencies = []
  const noticedLate = []
  let waited = 0
  const begin = performance.now()
  const end = begin + ms
  let next = begin

  return new Promise((resolve, reject) => {
    turn()

    function turn() {
      const now = performance.now()
      for (; next <= now && next < end; next += everyMs) {
        noticedLate.push(now - next)
        if (due.length >= idle.length) waited += 1
        due.push(next)
      }
      while (due.length > 0 && idle.length > 0) send(idle.shift(), due.shift())
      if (next >= end && idle.length === clients.length)
        resolve({ latencies, noticedLate, waited, ms: now - begin })
      else setImmediate(turn)
    }

    function send(ask, dueAt) {
      ask(nextRequest()).then(() => {
        latencies.push(performance.now() - dueAt)
        idle.push(ask)
      }, reject)
    }
  })
}
