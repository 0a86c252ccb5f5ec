/**
 * Object without inherited properties, on which `__proto__` is a property like any other. V8 keeps it in fast mode,
 * unlike `Object.create(null)`, so it is quick to read and to serialize.
 */
export class Dictionary<Value> {
  [name: string]: Value
}
Object.setPrototypeOf(Dictionary.prototype, null)
Reflect.deleteProperty(Dictionary.prototype, 'constructor')
