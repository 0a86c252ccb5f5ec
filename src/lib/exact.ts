/**
 * `Value` without properties that `Known` does not have: each of them is a type error. The compiler itself reports them only
 * in an object literal that is passed directly, not in what a function returns.
 */
export type Exact<Value, Known> = Value & { readonly [Name in Exclude<keyof Value, keyof Known>]: never }
