import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
export const collectGarbage = runInNewContext('gc')

/** What a finalizer lets go of is only collected the next time. */
export async function collectAllGarbage() {
  for (let times = 0; times < 3; times++) {
    collectGarbage()
    await delay(20)
  }
}
