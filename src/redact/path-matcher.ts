/** What is done at a place, whatever the names there say. */
export type PathAction = 'redact' | 'pseudonymize'

/**
 * A position in a record, among paths such as `filter.kwargs.bsn`. Only names are steps: lists are passed through,
 * and `*` stands for any one name.
 *
 * @example
 * new Places({ redact: ['results.*.bsn'], pseudonymize: [] }).step('results')?.step('owner')?.step('bsn')?.action // 'redact'
 */
export class PathMatcher {
  readonly action: PathAction | undefined
  readonly #rest: readonly Rest[]
  #steps: Map<string, PathMatcher | undefined> | undefined

  constructor(paths: Readonly<Record<PathAction, readonly string[]>>)
  /** @internal */
  constructor(rest: readonly Rest[])
  constructor(from: Readonly<Record<PathAction, readonly string[]>> | readonly Rest[]) {
    this.#rest = Array.isArray(from) ? from : parse(from as Readonly<Record<PathAction, readonly string[]>>)
    // What is to be hidden is hidden, also where another path asks for a pseudonym.
    const here = this.#rest.filter(({ names }) => names.length === 0).map(({ action }) => action)
    this.action = here.includes('redact') ? 'redact' : here[0]
  }

  /** Whether no path leads here, or further. */
  get isEmpty(): boolean {
    return this.#rest.length === 0
  }

  /** The position one name further down; `undefined` where no path goes. */
  step(name: string): PathMatcher | undefined {
    if (this.#rest.length === 0) return undefined
    this.#steps ??= this.#findSteps()
    return this.#steps.has(name) ? this.#steps.get(name) : this.#steps.get('*')
  }

  /** By the names that paths go on with, all other names being `*`. A record takes the same steps again and again. */
  #findSteps(): Map<string, PathMatcher | undefined> {
    const firsts = this.#rest.map(({ names: [first] }) => first).filter((first) => first !== undefined)
    return new Map([...firsts, '*'].map((name) => [name, this.#stepTo(name)]))
  }

  #stepTo(name: string): PathMatcher | undefined {
    const further = this.#rest.filter(({ names: [first] }) => first === name || first === '*')
    return further.length === 0
      ? undefined
      : new PathMatcher(further.map(({ names, action }) => ({ names: names.slice(1), action })))
  }
}

/** What a path can begin with, and the places that a path stands for which is no more than that. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  http_request: ['http_request.*'],
  http_response: ['http_response.reason', 'http_response.headers'],
  user: ['user.*'],
  filter: ['filter.object', 'filter.kwargs'],
  results: ['results'],
  message: ['message'],
  error: ['error.*'],
}

/** Whether a path leads to something that can be hidden: one that does not would be relied on by somebody. */
export function isRedactablePath(path: string): boolean {
  const [first = '', second] = path.split('.')
  if (first !== '*' && !Object.hasOwn(PARTS, first)) return false
  return first !== 'filter' || second === undefined || ['object', 'kwargs', '*'].includes(second)
}

interface Rest {
  readonly names: readonly string[]
  readonly action: PathAction
}

function parse(paths: Readonly<Record<PathAction, readonly string[]>>): Rest[] {
  return (Object.keys(paths) as PathAction[]).flatMap((action) =>
    paths[action]
      .flatMap((path) => PARTS[path] ?? [path])
      .map((path) => ({ names: path.split('.'), action })),
  )
}
