/**
 * Postpones something that takes long to create, such as a large table, from the import of the package to its first use.
 *
 * @example
 * const words = lazy(() => createDefaultWords())
 * words()   // creates them; the next call returns the same
 */
export function lazy<Value>(create: () => Value): () => Value {
  let created: { readonly value: Value } | undefined
  return () => {
    created ??= { value: create() }
    return created.value
  }
}
