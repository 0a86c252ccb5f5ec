/**
 * An object whose names are its own: none is inherited, and `__proto__` is one like any other. V8 keeps such objects fast,
 * unlike those of `Object.create(null)`: 1 µs less for eight names when they are read, and another when they are serialised.
 */
export class Dictionary<Value> {
  [name: string]: Value
}
Object.setPrototypeOf(Dictionary.prototype, null)
Reflect.deleteProperty(Dictionary.prototype, 'constructor')
