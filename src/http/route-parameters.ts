// Where the parameters of a route pattern stand.
import { listTokens, type Token } from './route-pattern.js'

export interface RouteParameter {
  readonly name: string
  /** The fixed segment in front of it; empty if there is none. */
  readonly segmentBefore: string
  /** It is in the last segment of the pattern. */
  readonly isLast: boolean
}

/**
 * The parameters of a pattern in their order, without optional ones that the path does not have.
 *
 * @param params the values that the router extracted from the path
 * @returns `undefined` if the pattern has syntax that is not interpreted
 * @example
 * listParameters('/persons/:id/addresses', { id: '7' })
 * // [{ name: 'id', segmentBefore: 'persons', isLast: false }]
 */
export function listParameters(pattern: string, params: unknown): readonly RouteParameter[] | undefined {
  const tokens = listTokens(pattern, params)
  return tokens?.flatMap((token, index) => {
    if (token.type !== 'parameter') return []
    const before = spell(tokens.slice(0, index))
    const after = spell(tokens.slice(index + 1))
    return {
      name: token.name,
      segmentBefore: /(?:^|\/)([^/\0]+)\/$/.exec(before)?.[1] ?? '',
      isLast: !/\/./.test(after),
    }
  })
}

/** The last segment of a pattern; empty if it has a parameter. */
export function findLastSegment(pattern: string, params: unknown): string {
  const path = spell(listTokens(pattern, params) ?? [])
  const segment = /([^/]*)\/?$/.exec(path)?.[1] ?? ''
  return segment.includes('\0') ? '' : segment
}

/** NUL stands for a parameter: no path has it. */
function spell(tokens: readonly Token[]): string {
  return tokens.map((token) => (token.type === 'text' ? token.text : '\0')).join('')
}

/** A segment as the router decodes it; unchanged if it is malformed. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
