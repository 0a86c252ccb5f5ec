/**
 * Replaces properties of an object for a while. They are removed in the reverse order, because V8 keeps an object fast
 * only if the property that was added last is deleted first.
 */
export class ShadowProperties {
  readonly #target: object
  readonly #names: string[] = []
  readonly #replaced: (PropertyDescriptor | undefined)[] = []

  constructor(target: object) {
    this.#target = target
  }

  /** Replaces a property. A property of that name that the object itself has comes back with `remove()`. */
  set(name: string, value: unknown): void {
    this.#names.push(name)
    this.#replaced.push(Object.getOwnPropertyDescriptor(this.#target, name))
    Object.defineProperty(this.#target, name, {
      value,
      configurable: true,
      enumerable: false,
      writable: true,
    })
  }

  /** Restores all properties. */
  remove(): void {
    for (let name = this.#names.pop(); name !== undefined; name = this.#names.pop()) {
      const replaced = this.#replaced.pop()
      if (replaced === undefined) Reflect.deleteProperty(this.#target, name)
      else Object.defineProperty(this.#target, name, replaced)
    }
  }
}
