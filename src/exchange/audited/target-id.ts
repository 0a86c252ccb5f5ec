// Finds the id of the object of a request among the parameters of its route. A parameter that may be the id of something else, as
// `:id` in `/persons/:id/addresses` is for an address, is no id: an audit record must not name a wrong object.
import {
  decodeSegment,
  findLastSegment,
  listParameters,
  type RouteParameter,
} from '../../http/route-parameters.js'
import { readProperty, readSafely } from '../../lib/safe-read.js'
import type { FoundId } from '../../logger/suggestions.js'
import { isId } from './selection.js'

/** Where in its routes a request is. */
export interface RoutePlace {
  /** The pattern by which the router of the route matched; `undefined` if it is not known, as for a regular expression. */
  readonly pattern: string | undefined
  /** The path at which that router is mounted, with the values of its parameters. */
  readonly base: string
  readonly params: unknown
}

/** Finds the ids of an object in routes and in `Location`, by the names in them. */
export interface ObjectReader {
  /** The id of the object of an action. */
  findId(place: RoutePlace, action: string): FoundId | undefined
  /** Whether the route ends in the plural of the name of the object, as `/persons` for `Person`. */
  isCollection(place: RoutePlace): boolean
  /**
   * The id of a created object, from the header `Location` of a response with status 201 (RFC 9110 section 10.2.2). Only if it
   * is a member of the requested collection, or of one with the name of the object.
   *
   * @example findLocationId('https://api.example.org/persons/7', 'https://api.example.org/persons')   // '7'
   */
  findLocationId(location: string, requestUrl: string): string | undefined
}

/** @param idParam the parameter that has the id, if the option names one */
export function createObjectReader(objectName: string, idParam: string | undefined): ObjectReader {
  const words = createObjectWords(objectName)
  return {
    findId(place, action) {
      const name = idParam ?? findIdName(place, words, action)
      return name === undefined ? undefined : readParameter(place.params, name)
    },
    isCollection({ pattern, base, params }) {
      if (pattern === undefined) return false
      const segment = findLastSegment(pattern === '/' || pattern === '' ? base : pattern, params)
      return words.isCollection(segment) && !words.isName(segment)
    },
    findLocationId: (location, requestUrl) => findLocationId(location, requestUrl, words),
  }
}

function findIdName(place: RoutePlace, words: ObjectWords, action: string): string | undefined {
  // A list has no id: a parameter of its route is that of a parent.
  if (action === 'list') return undefined
  const { pattern, params } = place
  const parameters = pattern === undefined ? undefined : listParameters(pattern, params)
  return (
    (parameters && findInPattern(parameters, words, action)) ?? findInOthers(place, parameters, words, action)
  )
}

/** How the name of an object shows in a route. */
interface ObjectWords {
  /** Whether a parameter is named after the object: `personId`, `person_id`, `person`. */
  isNameOfId(name: string): boolean
  isName(segment: string): boolean
  /** Whether a segment is the name of the object, or its plural. */
  isCollection(segment: string): boolean
}

const PLAIN_IDS = new Set(['id', 'uuid', 'guid', 'pk'])
const PLURAL_ENDINGS = ['', 's', 'es', 'en']
const IRREGULAR_PLURALS = new Map([['person', 'people']])

function createObjectWords(objectName: string): ObjectWords {
  // `billing.Invoice` is an Invoice.
  const names = [objectName, objectName.split(/[^\p{L}\p{N}_ -]/u).at(-1) ?? '']
    .map(normalize)
    .filter((name) => name !== '')
  const ids = new Set(names.flatMap((name) => [name, ...[...PLAIN_IDS].map((id) => `${name}${id}`)]))
  const collections = new Set(names.flatMap(listPlurals))
  return {
    isNameOfId: (name) => ids.has(normalize(name)),
    isName: (segment) => names.includes(normalize(segment)),
    isCollection: (segment) => collections.has(normalize(segment)),
  }
}

function listPlurals(name: string): string[] {
  const plurals = PLURAL_ENDINGS.map((ending) => `${name}${ending}`)
  if (name.endsWith('y')) plurals.push(`${name.slice(0, -1)}ies`)
  const irregular = IRREGULAR_PLURALS.get(name)
  return irregular === undefined ? plurals : [...plurals, irregular]
}

/** `purchase_orders`, `purchase-orders` and `PurchaseOrders` are spellings of one name. */
function normalize(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}

function isPlainId(name: string): boolean {
  return PLAIN_IDS.has(normalize(name))
}

function findInPattern(
  parameters: readonly RouteParameter[],
  words: ObjectWords,
  action: string,
): string | undefined {
  const isCreate = action === 'create'
  const named = parameters.findLast(({ name, isLast }) => words.isNameOfId(name) && (isLast || !isCreate))
  if (named !== undefined) return named.name
  // `id` behind the name of the object. A route with that name twice, such as /persons/:id/persons/:id2, is about either.
  const behindName = parameters.filter(({ segmentBefore }) => words.isCollection(segmentBefore))
  const [single] = behindName
  if (single !== undefined) {
    if (behindName.length > 1 || !isPlainId(single.name)) return undefined
    return single.isLast || !isCreate ? single.name : undefined
  }
  // The plural may be one that is not known: /mensen/:id of a Person. Behind two names, or two parameters, it is not certain.
  const [only] = parameters
  const isOnly = only !== undefined && parameters.length === 1 && only.isLast && isPlainId(only.name)
  return isOnly && !isCreate ? only.name : undefined
}
/** Among the parameters of the routers around that of the route, whose patterns are not known (`mergeParams` in Express). */
function findInOthers(
  { base, params, pattern }: RoutePlace,
  parameters: readonly RouteParameter[] | undefined,
  words: ObjectWords,
  action: string,
): string | undefined {
  if (action === 'create') return undefined
  const known = new Set(parameters?.map(({ name }) => name))
  const others = readSafely(() => Object.keys(params as object)) ?? []
  const names = others.filter((name) => !known.has(name))
  const named = names.findLast((name) => words.isNameOfId(name))
  if (named !== undefined || pattern === undefined || known.size > 0) return named
  return names.find((name) => isPlainId(name) && isInBase(readProperty(params, name), base, words))
}

/** Whether a value is one segment of the path, behind the name of the object. */
function isInBase(value: unknown, base: string, words: ObjectWords): boolean {
  const segments = base.split('/').map(decodeSegment)
  const index = segments.indexOf(String(value))
  if (index < 1 || segments.lastIndexOf(String(value)) !== index) return false
  return words.isCollection(segments[index - 1] as string) && index >= segments.length - 2
}

function readParameter(params: unknown, name: string): FoundId | undefined {
  const value = readProperty(params, name)
  // Express 5 gives the segments of a wildcard as a list.
  if (Array.isArray(value)) return isPath(value) ? { name, value: value.join('/') } : undefined
  return isId(value) ? { name, value: String(value) } : undefined
}

function isPath(value: readonly unknown[]): boolean {
  return value.length > 0 && value.every((segment) => typeof segment === 'string')
}

/** Segments behind a collection that are pages, not objects. */
const ROUTE_WORDS = new Set(['created', 'me', 'new', 'done', 'success', 'status', 'thanks', 'list', 'search'])

function findLocationId(location: string, requestUrl: string, words: ObjectWords): string | undefined {
  const target = readSafely(() => new URL(location, requestUrl))
  // By the host alone, because a proxy may end TLS. An object on another host may be one of another system.
  if (target === undefined || target.host !== readSafely(() => new URL(requestUrl).host)) return undefined
  const segments = readSafely(() => listSegments(target))
  const requested = readSafely(() => listSegments(new URL(requestUrl)))
  if (segments === undefined || requested === undefined || segments.length < 2) return undefined
  const collection = segments.slice(0, -1)
  const isMember =
    collection.join('/') === requested.join('/') || words.isCollection(collection.at(-1) as string)
  const id = segments.at(-1) as string
  return isMember && !ROUTE_WORDS.has(id.toLowerCase()) ? id : undefined
}

function listSegments({ pathname }: URL): string[] {
  return pathname
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment)
}
