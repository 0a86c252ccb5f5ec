// Differences between a variant and the control, or between a record and what the client received, that are known and
// accepted. The full run fails if one of them does not occur any more.

export interface KnownDifference {
  readonly reason: string
  readonly path: RegExp
  /** All variants if absent. */
  readonly variants?: readonly string[]
  /** All transports if absent. */
  readonly transports?: readonly string[]
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { reason: 'Being fixed: holding the response', path: /./, variants: ['fail-closed', 'fail-closed-late'] },
  {
    reason: 'Being fixed: how responses end',
    path: /^\/(?:ends-and-throws|ends-and-rejects|all-but-end|destroys-after-end|declared-too-much)$/,
  },
]

export function findKnownDifference(
  variant: string,
  transport: string,
  path: string,
): KnownDifference | undefined {
  return KNOWN_DIFFERENCES.find(
    (known) =>
      known.path.test(path) &&
      (known.variants?.includes(variant) ?? true) &&
      (known.transports?.includes(transport) ?? true),
  )
}
