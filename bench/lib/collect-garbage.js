import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
export const collectGarbage = runInNewContext('gc')

/** Runs several collections, because an object released by a finalizer is only freed by the next one. */
export async function collectAllGarbage() {
  for (let times = 0; times < 3; times++) {
    collectGarbage()
    await delay(20)
  }
}
