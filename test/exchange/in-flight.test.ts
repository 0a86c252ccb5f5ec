import { describe, expect, it } from '@jest/globals'
import { type InFlightExchange, InFlightExchanges } from '#src/exchange/in-flight.js'

function exchange(): InFlightExchange {
  return { index: -1, endAtExit: () => {} }
}

describe('InFlightExchanges', () => {
  it('counts exchanges that are deleted in any order, and several times', () => {
    const inFlight = new InFlightExchanges()
    const all = Array.from({ length: 5 }, exchange)
    for (const each of all) inFlight.add(each)
    inFlight.delete(exchange())
    expect(inFlight.size).toBe(5)
    const sizes = [2, 2, 4, 0, 0, 3, 1, 1].map((index) => {
      inFlight.delete(all[index] as InFlightExchange)
      return inFlight.size
    })
    expect(sizes).toEqual([4, 4, 3, 2, 2, 1, 0, 0])
  })

  it('resolves whenEmpty() when the last exchange has ended', async () => {
    const inFlight = new InFlightExchanges()
    const all = Array.from({ length: 3 }, exchange)
    for (const each of all) inFlight.add(each)
    const emptied = inFlight.whenEmpty(10_000).then(() => inFlight.size)
    for (const each of all.reverse()) inFlight.delete(each)
    expect(await emptied).toBe(0)
  })
})
