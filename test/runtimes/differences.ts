// The differences of a runtime that are known. docs/runtimes.md shows them, and each other difference fails a check.
import type { EndingResult } from './compare-endings.js'
import listed from './differences.json' with { type: 'json' }
import type { RuntimeName } from './runtime-server.js'

export interface KnownDifference {
  /** The name of an ending, or `*` for all. */
  readonly ending: string
  /** A regular expression for what compare-endings.ts found. */
  readonly difference: string
  /** What the record shows. */
  readonly record: string
  readonly reason: string
}

export const KNOWN_DIFFERENCES: Readonly<Record<RuntimeName, readonly KnownDifference[]>> = listed

export interface Judgement {
  /** `same`, `known` for a difference that is listed, or the difference. */
  readonly verdicts: ReadonlyMap<EndingResult, string>
  /** What fails the check. */
  readonly failures: readonly string[]
}

/** @param isComplete the results are those of all endings, so that a listed difference has to be among them */
export function judge(
  runtime: RuntimeName,
  results: readonly EndingResult[],
  isComplete: boolean,
): Judgement {
  const known = KNOWN_DIFFERENCES[runtime]
  const used = new Set<KnownDifference>()
  const failures: string[] = []
  const verdicts = new Map<EndingResult, string>()
  for (const result of results) {
    const unknown = result.differences.filter((difference) => {
      const entry = known.find((one) => matches(one, result.ending, difference))
      if (entry) used.add(entry)
      return entry === undefined
    })
    failures.push(...unknown.map((difference) => `${result.framework}, ${result.ending}: ${difference}`))
    verdicts.set(result, unknown.join('; ') || (result.differences.length > 0 ? 'known' : 'same'))
  }
  const stale = isComplete ? known.filter((one) => !used.has(one)) : []
  failures.push(...stale.map(({ ending }) => `${ending}: differences.json lists a difference that is gone`))
  return { verdicts, failures }
}

function matches(known: KnownDifference, ending: string, difference: string): boolean {
  return (known.ending === '*' || known.ending === ending) && new RegExp(known.difference).test(difference)
}
