// Facts that only V8 knows: what is garbage, and how an object is stored.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// The flags stay on for the whole test file, because V8 may recompile a function at any time.
setFlagsFromString('--expose-gc')
setFlagsFromString('--allow-natives-syntax')

export const collectGarbage: () => void = runInNewContext('gc')

/** Whether V8 allocated an object in the young generation, where garbage is collected often. */
export const isYoung = new Function('object', 'return %InYoungGeneration(object)') as (
  object: unknown,
) => boolean
