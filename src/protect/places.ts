/** What is done at a place, whatever the names there say. */
export type PlaceAction = 'redact' | 'pseudonymize'

/**
 * A position in a record, among paths such as `filter.kwargs.bsn`. Only names are steps: lists are passed through,
 * and `*` stands for any one name.
 *
 * @example
 * new Places({ redact: ['results.*.bsn'], pseudonymize: [] }).step('results')?.step('owner')?.step('bsn')?.action // 'redact'
 */
export class Places {
  readonly action: PlaceAction | undefined
  readonly #rest: readonly Rest[]

  constructor(paths: Readonly<Record<PlaceAction, readonly string[]>>)
  /** @internal */
  constructor(rest: readonly Rest[])
  constructor(from: Readonly<Record<PlaceAction, readonly string[]>> | readonly Rest[]) {
    this.#rest = Array.isArray(from) ? from : parse(from as Readonly<Record<PlaceAction, readonly string[]>>)
    // What is to be hidden is hidden, also where another path asks for a pseudonym.
    const here = this.#rest.filter(({ names }) => names.length === 0).map(({ action }) => action)
    this.action = here.includes('redact') ? 'redact' : here[0]
  }

  /** The position one name further down; `undefined` where no path goes. */
  step(name: string): Places | undefined {
    if (this.#rest.length === 0) return undefined
    const further = this.#rest.filter(({ names: [first] }) => first === name || first === '*')
    return further.length === 0
      ? undefined
      : new Places(further.map(({ names, action }) => ({ names: names.slice(1), action })))
  }
}

interface Rest {
  readonly names: readonly string[]
  readonly action: PlaceAction
}

function parse(paths: Readonly<Record<PlaceAction, readonly string[]>>): Rest[] {
  return (Object.keys(paths) as PlaceAction[]).flatMap((action) =>
    paths[action].map((path) => ({ names: path.split('.'), action })),
  )
}
