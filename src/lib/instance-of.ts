import { readSafely } from './safe-read.js'

/**
 * The result of `value instanceof owner` for the instances of every copy of this package: the ES module and the CommonJS
 * build have a class each, and an application can contain several versions. To be called by `Symbol.hasInstance`.
 *
 * @param receiver the class on the right of `instanceof`: `owner`, or a subclass, which has the instances of its own only
 * @param mark a property that the prototype of the class has in every copy
 */
export function isInstanceOfAnyCopy(value: unknown, receiver: object, owner: object, mark: symbol): boolean {
  if (receiver !== owner) return Function.prototype[Symbol.hasInstance].call(receiver, value)
  return readSafely(() => typeof value === 'object' && value !== null && mark in value) === true
}
