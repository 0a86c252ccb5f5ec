/**
 * An object whose names are its own: none is inherited, and `__proto__` is one like any other. V8 keeps such objects fast,
 * unlike those of `Object.create(null)`: 1 µs less for eight names when they are read, and another when they are serialised.
 */
export class OwnNames<Value> {
  [name: string]: Value
}
Object.setPrototypeOf(OwnNames.prototype, null)
Reflect.deleteProperty(OwnNames.prototype, 'constructor')
