import { expandPath } from './record-paths.js'

/** The action of a configured path. It applies whether or not the key is sensitive. */
export type PathAction = 'redact' | 'pseudonymize'

/** The configured paths, by their action. */
type PathsByAction = Readonly<Record<PathAction, readonly string[]>>

/** A path that begins at a position, as its remaining keys. */
interface RemainingPath {
  readonly keys: readonly string[]
  readonly action: PathAction
}

/**
 * A position in a record, among configured paths such as `filter.kwargs.bsn`. Only keys are steps: items of a list stand
 * at the position of the list. `*` matches any one key.
 *
 * @example
 * const matcher = new PathMatcher({ redact: ['results.*.bsn'], pseudonymize: [] })
 * matcher.step('results')?.step('owner')?.step('bsn')?.action   // 'redact'
 */
export class PathMatcher {
  /** The action for the value at this position; `undefined` if no path ends here. */
  readonly action: PathAction | undefined
  readonly #remaining: readonly RemainingPath[]
  #steps: Map<string, PathMatcher | undefined> | undefined

  constructor(paths: PathsByAction)
  /** @internal */
  constructor(remaining: readonly RemainingPath[])
  constructor(from: PathsByAction | readonly RemainingPath[]) {
    this.#remaining = Array.isArray(from) ? from : parsePaths(from as PathsByAction)
    // Redaction takes precedence: a value that one path hides must not be visible as a pseudonym by another.
    const actions = this.#remaining.filter(({ keys }) => keys.length === 0).map(({ action }) => action)
    this.action = actions.includes('redact') ? 'redact' : actions[0]
  }

  /** Whether no path ends here or continues from here. */
  get isEmpty(): boolean {
    return this.#remaining.length === 0
  }

  /** The position under a key; `undefined` if no path goes there. */
  step(key: string): PathMatcher | undefined {
    if (this.#remaining.length === 0) return undefined
    this.#steps ??= this.#findSteps()
    return this.#steps.has(key) ? this.#steps.get(key) : this.#steps.get('*')
  }

  /** Prepares every possible step once, because each record takes the same steps. */
  #findSteps(): Map<string, PathMatcher | undefined> {
    const nextKeys = this.#remaining.map(({ keys: [next] }) => next).filter((next) => next !== undefined)
    return new Map([...nextKeys, '*'].map((key) => [key, this.#stepTo(key)]))
  }

  #stepTo(key: string): PathMatcher | undefined {
    const matching = this.#remaining.filter(({ keys: [next] }) => next === key || next === '*')
    return matching.length === 0
      ? undefined
      : new PathMatcher(matching.map(({ keys, action }) => ({ keys: keys.slice(1), action })))
  }
}

function parsePaths(paths: PathsByAction): RemainingPath[] {
  return (Object.keys(paths) as PathAction[]).flatMap((action) =>
    paths[action].flatMap(expandPath).map((path) => ({ keys: path.split('.'), action })),
  )
}
