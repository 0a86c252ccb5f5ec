// What only V8 itself can tell of an object.
import { setFlagsFromString } from 'node:v8'

// For the whole test file: V8 may compile a function anew at any time.
setFlagsFromString('--allow-natives-syntax')

type Question = (object: unknown) => boolean

/** Whether V8 keeps the properties of an object in no table. */
export const isDescribed = new Function('object', 'return %HasFastProperties(object)') as Question

/** Whether V8 has made an object where it looks for garbage often. */
export const isYoung = new Function('object', 'return %InYoungGeneration(object)') as Question

/** Whether this V8 describes an object anew once its prototype was swapped. */
export const describesAnew = Number.parseInt(process.versions.v8, 10) < 13
