import { describe, expect, it } from '@jest/globals'
import { type InFlightExchange, InFlightExchanges } from '#src/exchange/in-flight.js'

function exchange(): InFlightExchange {
  return { index: -1, endAtExit: () => {} }
}

describe('what is in flight', () => {
  it('is counted, in whatever order it ends, and however often its end is told', () => {
    const open = new InFlightExchanges()
    const all = Array.from({ length: 5 }, exchange)
    for (const one of all) open.add(one)
    open.delete(exchange())
    expect(open.size).toBe(5)
    const sizes = [2, 2, 4, 0, 0, 3, 1, 1].map((index) => {
      open.delete(all[index] as InFlightExchange)
      return open.size
    })
    expect(sizes).toEqual([4, 4, 3, 2, 2, 1, 0, 0])
  })

  it('is waited for until the last has ended', async () => {
    const open = new InFlightExchanges()
    const all = Array.from({ length: 3 }, exchange)
    for (const one of all) open.add(one)
    const emptied = open.whenEmpty(10_000).then(() => open.size)
    for (const one of all.reverse()) open.delete(one)
    expect(await emptied).toBe(0)
  })
})
