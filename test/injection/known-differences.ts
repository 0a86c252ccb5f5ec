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
  {
    reason:
      'node:http2 does not show how much of a response was sent that is destroyed after its end: `unknown`',
    path: /^\/(?:ends-and-throws|ends-and-rejects)$/,
    transports: ['h2', 'h2+TLS'],
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
