// An open-loop load: requests are sent at a constant rate, whether or not earlier ones have been answered. The latency of
// a request counts from the moment when it was due. A server that stalls is therefore charged for every request that the
// stall delays, not only for one request per connection ("coordinated omission").

/**
 * Checks the clock in every turn of the event loop, and therefore needs a processor of its own: a timer fires at most once
 * per millisecond and would send the requests in bursts.
 *
 * @returns per request its latency, and how late this process was in sending it (`sentLate`), in milliseconds; how many
 * requests had to wait for a free connection (`queued`); and the time until all were answered
 */
export function sendAtConstantRate(clients, { perSecond, ms, nextRequest }) {
  const intervalMs = 1000 / perSecond
  const idle = [...clients]
  const due = []
  const latencies = []
  const sentLate = []
  let queued = 0
  const startedAt = performance.now()
  const endsAt = startedAt + ms
  let next = startedAt

  return new Promise((resolve, reject) => {
    runTurn()

    function runTurn() {
      const now = performance.now()
      for (; next <= now && next < endsAt; next += intervalMs) {
        sentLate.push(now - next)
        if (due.length >= idle.length) queued += 1
        due.push(next)
      }
      while (due.length > 0 && idle.length > 0) send(idle.shift(), due.shift())
      if (next >= endsAt && idle.length === clients.length)
        resolve({ latencies, sentLate, queued, ms: now - startedAt })
      else setImmediate(runTurn)
    }

    function send(client, dueAt) {
      client.send(nextRequest()).then(() => {
        latencies.push(performance.now() - dueAt)
        idle.push(client)
      }, reject)
    }
  })
}
