import { suppressRejection } from './safe-read.js'

/**
 * Calls a function of the application or its framework, such as an option, that must return its result synchronously.
 *
 * @throws whatever `call` throws, and a TypeError if it returns a promise, because nothing waits for the promise
 */
export function callSync<Result>(call: () => Result): Result {
  const result = call()
  if (isThenable(result)) {
    // An unhandled rejection would end the process.
    Promise.resolve(result).catch(() => {})
    throw new TypeError('it returned a promise, but must return its result synchronously')
  }
  return result
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof suppressRejection(value.then) === 'function'
  )
}
