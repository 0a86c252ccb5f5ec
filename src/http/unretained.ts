/**
 * A function that may become a property of a request or a response. A closure there stays in memory, with all that it
 * refers to, until the next full garbage collection, and until then is moved about by each small one (V8 11 and 12; seen
 * with `--trace-gc-nvp`): on Express 13 us a request. A bound one does not.
 */
export function unretained<Closure extends (...args: never[]) => unknown>(closure: Closure): Closure {
  return closure.bind(undefined) as Closure
}
