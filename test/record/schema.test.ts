// Compares schema.json with the type `AuditRecord`, which the TypeScript compiler reads from the source.
import { resolve } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import ts from 'typescript'
import { findAuditViolations } from '../helpers/audit-schema.js'
import { readJson, readText } from '../helpers/read-file.js'

/** The values that a field may have, in a form that both the types and the schema can be reduced to. */
type Shape =
  | { readonly kind: 'anything' }
  | { readonly kind: 'scalar'; readonly types: readonly string[] }
  | { readonly kind: 'list'; readonly of: Shape; readonly orNull: boolean }
  | {
      readonly kind: 'object'
      readonly properties: Readonly<Record<string, Property>>
      readonly orNull: boolean
    }
interface Property {
  readonly isRequired: boolean
  readonly shape: Shape
}

interface Schema {
  readonly $ref?: string
  readonly anyOf?: readonly Schema[]
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly description?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

const schema = readJson<Schema>('schema.json')
const $defs = schema.$defs ?? {}
const NAMES = Object.keys($defs)

describe('schema.json', () => {
  let source: ts.SourceFile
  let checker: ts.TypeChecker

  beforeAll(() => {
    const path = resolve(__dirname, '../../src/record/record.ts')
    const program = ts.createProgram([path], { strict: true, exactOptionalPropertyTypes: true, types: [] })
    checker = program.getTypeChecker()
    source = program.getSourceFile(path) as ts.SourceFile
  }, 60_000)

  it.each(NAMES)('describes %s like its type', (name) => {
    const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol)
    const found = exported.find((symbol) => symbol.name === name) as ts.Symbol
    expect(shapeOfSchema({ $ref: `#/$defs/${name}` })).toEqual(
      shapeOfType(checker.getDeclaredTypeOfSymbol(found), source, checker),
    )
  })

  it('has exactly the types that a record consists of', () => {
    const used = new Set(['AuditRecord'])
    for (const name of used) for (const other of references($defs[name] ?? {})) used.add(other)
    expect(NAMES.sort()).toEqual([...used].sort())
  })

  it('describes every field', () => {
    const fields = Object.values($defs).flatMap(({ properties = {} }) => Object.entries(properties))
    expect(fields.length).toBeGreaterThan(35)
    expect(fields.filter(([, { description = '' }]) => description.length < 5)).toEqual([])
  })

  it('allows no additional properties', () => {
    expect([schema, ...Object.values($defs)].filter((part) => part.additionalProperties !== false)).toEqual(
      [],
    )
  })

  it('accepts the record in the README', () => {
    const [, json = ''] = /```json\n([\s\S]+?)```/.exec(readText('README.md')) ?? []
    expect(findAuditViolations(JSON.parse(json))).toEqual([])
  })
})

function shapeOfType(type: ts.Type, source: ts.SourceFile, checker: ts.TypeChecker): Shape {
  const parts = type.isUnion() ? type.types : [type]
  if (checker.typeToString(type) === 'JsonValue') return { kind: 'anything' }
  const orNull = parts.some((part) => part.flags & ts.TypeFlags.Null)
  const [inner] = parts.filter((part) => part.flags & ts.TypeFlags.Object)
  if (inner === undefined) return { kind: 'scalar', types: [...new Set(parts.map(scalarOfType))].sort() }
  if (checker.isArrayType(inner)) {
    const [item] = checker.getTypeArguments(inner as ts.TypeReference)
    return { kind: 'list', of: shapeOfType(item as ts.Type, source, checker), orNull }
  }
  const properties = checker.getPropertiesOfType(inner).map((property): [string, Property] => {
    const isRequired = !(property.flags & ts.SymbolFlags.Optional)
    return [
      property.name,
      {
        isRequired,
        shape: shapeOfType(checker.getTypeOfSymbolAtLocation(property, source), source, checker),
      },
    ]
  })
  return { kind: 'object', properties: Object.fromEntries(properties), orNull }
}

function scalarOfType(type: ts.Type): string {
  if (type.isStringLiteral()) return JSON.stringify(type.value)
  if (type.flags & ts.TypeFlags.Null) return 'null'
  if (type.flags & ts.TypeFlags.String) return 'string'
  if (type.flags & ts.TypeFlags.Number) return 'number'
  // TypeScript represents `boolean` as the union of true and false.
  if (type.flags & ts.TypeFlags.BooleanLike) return 'boolean'
  throw new Error('This test cannot compare such a type with a schema')
}

function shapeOfSchema(part: Schema): Shape {
  const choices = part.anyOf ?? [part]
  const orNull = choices.some(({ type }) => type === 'null')
  const [choice = {}] = choices.filter(({ type }) => type !== 'null')
  const {
    type,
    items,
    // An object whose names the application chooses has no list of them.
    properties = type === 'object' ? {} : undefined,
    required = [],
    enum: values,
  } = choice.$ref ? resolved(choice.$ref) : choice
  if (properties !== undefined) {
    const shapes = Object.entries(properties).map(([name, inner]): [string, Property] => [
      name,
      { isRequired: required.includes(name), shape: shapeOfSchema(inner) },
    ])
    return { kind: 'object', properties: Object.fromEntries(shapes), orNull }
  }
  if (items !== undefined) return { kind: 'list', of: shapeOfSchema(items), orNull }
  if (type === undefined) return { kind: 'anything' }
  const types = values?.map((value) => JSON.stringify(value)) ?? [type].flat().map(scalarOfSchema)
  return { kind: 'scalar', types: types.sort() }
}

/** TypeScript has no type for integers. */
function scalarOfSchema(type: string): string {
  return type === 'integer' ? 'number' : type
}

function resolved($ref: string): Schema {
  return $defs[$ref.replace('#/$defs/', '')] as Schema
}

function references(part: Schema): string[] {
  return [...JSON.stringify(part).matchAll(/#\/\$defs\/(\w+)/g)].map(([, name]) => name as string)
}
