import { types } from 'node:util'

/**
 * What was read of a stranger's object, where nobody shall hear that it is a promise: a getter may have made it for us
 * alone, and a rejection that nobody hears of ends the process. Of another thenable `then` is not called, as that may be
 * what runs a query.
 *
 * @example
 * muted(user.email)   // the same, also where it is a promise that is going to be rejected
 */
export function suppressRejection<Value>(value: Value): Value {
  if (typeof value !== 'object' || !types.isPromise(value)) return value
  try {
    Promise.prototype.then.call(value, undefined, () => {})
  } catch {
    // By a class of promises that cannot be followed.
  }
  return value
}

/** What reading gives, muted; `undefined` where it throws. */
export function readSafely<Read>(read: () => Read): Read | undefined {
  try {
    return suppressRejection(read())
  } catch {
    return undefined
  }
}
