// The part of Kibana's query language (KQL) that the documentation uses, evaluated on records:
// `field: value`, `field: "phrase"`, `field: *`, `field: (a or b)`, `field > 1`, `and`, `or`, `not`, parentheses.
// https://www.elastic.co/docs/explore-analyze/query-filter/languages/kql

export interface KqlQuery {
  readonly fields: readonly string[]
  matches(document: object): boolean
}

type Matcher = (document: object) => boolean

/** @throws if the text is not in this part of the language */
export function parseKql(text: string): KqlQuery {
  const parser = new Parser(text)
  const matches = parser.parse()
  return { fields: parser.fields, matches }
}

class Parser {
  readonly fields: string[] = []
  readonly #text: string
  readonly #tokens: string[]

  constructor(text: string) {
    this.#text = text
    this.#tokens = text.match(/"[^"]*"|[()]|<=|>=|[:<>]|[^\s():<>"]+/g) ?? []
  }

  parse(): Matcher {
    const matcher = this.#parseOr(() => this.#parseTerm())
    if (this.#tokens.length > 0) this.#fail()
    return matcher
  }

  #parseOr(parseOperand: () => Matcher): Matcher {
    const operands = [this.#parseAnd(parseOperand)]
    while (this.#skip('or')) operands.push(this.#parseAnd(parseOperand))
    return (document) => operands.some((matches) => matches(document))
  }

  #parseAnd(parseOperand: () => Matcher): Matcher {
    const operands = [parseOperand()]
    while (this.#skip('and')) operands.push(parseOperand())
    return (document) => operands.every((matches) => matches(document))
  }

  #parseTerm(): Matcher {
    if (this.#skip('not')) {
      const matches = this.#parseTerm()
      return (document) => !matches(document)
    }
    if (this.#skip('(')) {
      const matches = this.#parseOr(() => this.#parseTerm())
      this.#expect(')')
      return matches
    }
    return this.#parseComparison()
  }

  #parseComparison(): Matcher {
    const field = this.#next()
    if (!/^[\w@]+(\.\w+)*$/.test(field)) this.#fail()
    this.fields.push(field)
    const operator = this.#next()
    if (operator !== ':') return this.#parseRange(field, operator)
    if (!this.#skip('(')) return this.#parseValue(field)
    const matches = this.#parseOr(() => this.#parseValue(field))
    this.#expect(')')
    return matches
  }

  #parseRange(field: string, operator: string): Matcher {
    const limit = Number(this.#next())
    const compare = { '>': (n: number) => n > limit, '<': (n: number) => n < limit }[operator]
    if (compare === undefined || Number.isNaN(limit)) this.#fail()
    return (document) => valuesOf(document, field).some((value) => compare?.(Number(value)))
  }

  #parseValue(field: string): Matcher {
    const token = this.#next()
    if (token === '*') return (document) => valuesOf(document, field).length > 0
    if (/^[():<>]/.test(token)) this.#fail()
    const expected = token.replace(/^"(.*)"$/, '$1')
    const network = /^(\d+)\.0\.0\.0\/8$/.exec(expected)?.[1]
    return (document) =>
      valuesOf(document, field).some(
        (value) => String(value) === expected || (network && String(value).startsWith(`${network}.`)),
      )
  }

  #skip(token: string): boolean {
    if (this.#tokens[0] !== token) return false
    this.#tokens.shift()
    return true
  }

  #expect(token: string): void {
    if (!this.#skip(token)) this.#fail()
  }

  #next(): string {
    return this.#tokens.shift() ?? this.#fail()
  }

  #fail(): never {
    throw new SyntaxError(`Not in the known part of KQL, before "${this.#tokens.join(' ')}": ${this.#text}`)
  }
}

/** The values of a field, as Elasticsearch indexes them: lists are flattened, and `null` is no value. */
function valuesOf(document: object, field: string): unknown[] {
  let values: unknown[] = [document]
  for (const name of field.split('.')) {
    values = values.flatMap((value) => (value as Record<string, unknown> | null)?.[name] ?? []).flat()
  }
  return values
}
