// Checks whether a route pattern fits a path, in linear time. A framework may have matched the pattern against another
// path: a mounted app sees only the rest of it, and a middleware may have rewritten it.
//
// The syntaxes are those of path-to-regexp: 0.1 (Express 4), 6 (koa-router) and 8 (Express 5, @koa/router). What the
// wildcards and optional parts of a pattern stand for is taken from the values that the router extracted, so the pattern
// has to reproduce the path exactly. A pattern with other syntax fits no path.
import { BoundedCache } from '../lib/bounded-cache.js'
import { suppressRejection } from '../lib/safe-read.js'

export type Token =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'parameter'; readonly name: string; readonly isSegment: boolean }
  | { readonly type: 'optional'; readonly tokens: readonly Token[] }

/** `undefined`: the pattern has syntax that is not interpreted here. */
type Pattern = readonly Token[] | undefined

const patterns = new BoundedCache<{ readonly pattern: Pattern }>(1000)

/**
 * Whether a route pattern fits the whole path.
 *
 * @param params the values that the router extracted from the path
 * @example
 * fitsPath('/persons/:id', '/persons/7', {})                     // true
 * fitsPath('/persons/:id', '/admin/persons/7', {})               // false
 * fitsPath('/files/*path', '/files/a/b', { path: ['a', 'b'] })   // true
 */
export function fitsPath(pattern: string, path: string, params: unknown): boolean {
  const tokens = getPattern(pattern)
  if (tokens === undefined) return false
  const decoded = decodeSegments(path)
  return isAtEnd(decoded, match(tokens, decoded, 0, isReadable(params) ? params : {}))
}

/** Whether a path may belong to a route, judging by the pattern alone: wildcards and optional parts stand for anything. */
export function mayFitPath(pattern: string, path: string): boolean {
  const tokens = getPattern(pattern) ?? [{ type: 'text', text: pattern.split(SYNTAX, 1)[0] ?? '' }, ANYTHING]
  const end = tokens.findIndex((token) => token.type === 'optional' || isPartOfSegment(token))
  const decoded = decodeSegments(path)
  if (end === -1) return isAtEnd(decoded, match(tokens, decoded, 0, {}))
  const certain = tokens.slice(0, end)
  // `/persons/` of `/persons/*` may be optional as well.
  return match(certain, `${decoded}/`, 0, {}) !== -1
}

/**
 * The texts and parameters of a pattern, without optional parts that the router extracted no values for. An optional part
 * without parameters is included, because nothing shows whether the path has it. `undefined` if the pattern has other syntax.
 */
export function listTokens(pattern: string, params: unknown): readonly Token[] | undefined {
  const tokens = getPattern(pattern)
  return tokens && flatten(tokens, isReadable(params) ? params : {})
}

function flatten(tokens: readonly Token[], params: Record<string, unknown>): readonly Token[] {
  return tokens.flatMap((token) => {
    if (token.type !== 'optional') return token
    return isExtracted(token.tokens, params) ? flatten(token.tokens, params) : []
  })
}

/**
 * The route of a pattern that {@link fitsPath}, for the record: without the regular expressions of its parameters.
 *
 * @param base the path before the pattern, where the router is mounted
 * @example
 * formatRoute('/api', '/persons/:id(\\d+)')   // '/api/persons/:id'
 * formatRoute('', '/files/(.*)')              // '/files/*'
 */
export function formatRoute(base: string, pattern: string): string {
  if (pattern === '/' && base !== '') return base
  const route = `${base}${pattern.includes('(') ? pattern.replace(REGULAR_EXPRESSION, replaceExpression) : pattern}`
  return route.startsWith('/') ? route : `/${route}`
}

const REGULAR_EXPRESSION = /(?<parameter>:(?:"[^"]+"|[\p{ID_Continue}$]+))?(?<!\\)\([^()?]*\)/gu

function replaceExpression(_match: string, parameter: string | undefined): string {
  return parameter ?? '*'
}

const SYNTAX = /[:*?+(){}[\]\\|^$!]/
const ANYTHING: Token = { type: 'optional', tokens: [] }

function isPartOfSegment(token: Token): boolean {
  return token.type === 'parameter' && !token.isSegment
}

function isReadable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Stands for an encoded slash, which does not separate segments. */
const ENCODED_SLASH = '\uffff'

function decodeSegments(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path.replace(/%2f/gi, ENCODED_SLASH))
  } catch {
    return path
  }
}

/** Routers ignore a slash at the end, unless they are strict. */
function isAtEnd(path: string, position: number): boolean {
  if (position === -1) return false
  return position === path.length || (position === path.length - 1 && path.endsWith('/'))
}

/** @returns the position behind the tokens in `path`, or -1 */
function match(
  tokens: readonly Token[],
  path: string,
  start: number,
  params: Record<string, unknown>,
): number {
  let position = start
  for (const token of tokens) {
    if (token.type === 'text') position = matchText(token.text, path, position)
    else if (token.type === 'optional') position = matchOptional(token.tokens, path, position, params)
    else if (token.isSegment) position = matchSegment(path, position)
    else position = matchValue(readParam(params, token.name), path, position)
    if (position === -1) return -1
  }
  return position
}

function matchText(text: string, path: string, start: number): number {
  const end = start + text.length
  if (path.startsWith(text, start)) return end
  return path.slice(start, end).toLowerCase() === text.toLowerCase() ? end : -1
}

function matchSegment(path: string, start: number): number {
  const slash = path.indexOf('/', start)
  const end = slash === -1 ? path.length : slash
  return end > start ? end : -1
}

function matchValue(value: string | undefined, path: string, start: number): number {
  if (value === undefined) return -1
  const end = start + value.length
  // An encoded slash in the value of a wildcard looks like one that separates segments.
  return path.slice(start, end).replaceAll(ENCODED_SLASH, '/') === value ? end : -1
}

/** An optional part is in the path if the router extracted values for it, or if it has no parameters and is there. */
function matchOptional(
  tokens: readonly Token[],
  path: string,
  start: number,
  params: Record<string, unknown>,
): number {
  const end = isExtracted(tokens, params) ? match(tokens, path, start, params) : -1
  return end === -1 ? start : end
}

function isExtracted(tokens: readonly Token[], params: Record<string, unknown>): boolean {
  return tokens.every((token) => token.type !== 'parameter' || readParam(params, token.name) !== undefined)
}

/** The value of a parameter. Express 5 provides that of a wildcard as an array of segments. */
function readParam(params: Record<string, unknown>, name: string): string | undefined {
  const value = Object.hasOwn(params, name) ? suppressRejection(params[name]) : undefined
  if (typeof value === 'string') return value
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value.join('/') : undefined
}

function getPattern(source: string): Pattern {
  const cached = patterns.get(source)
  if (cached !== undefined) return cached.pattern
  // A slash at the end of the pattern is as optional as one at the end of the path.
  const pattern = parsePattern(source.length > 1 && source.endsWith('/') ? source.slice(0, -1) : source)
  patterns.set(source, { pattern })
  return pattern
}

const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`
const TOKEN = new RegExp(
  [
    String.raw`\\(?<escaped>.)`,
    String.raw`:(?:"(?<quoted>[^"\\]+)"|(?<name>${NAME}))(?<custom>\([^()?]*\))?(?<modifier>[?*+]?)`,
    String.raw`\*(?:"(?<quotedWildcard>[^"\\]+)"|(?<wildcard>${NAME}))`,
    String.raw`(?<anonymous>\*|\([^()?]*\))(?<anonymousModifier>\??)`,
    String.raw`(?<open>\{)|(?<close>\}\??)`,
    String.raw`(?<text>[^:*?+(){}[\]\\|^$!]+)`,
  ].join('|'),
  'uy',
)

function parsePattern(source: string): Pattern {
  const outer: Token[][] = []
  let tokens: Token[] = []
  let anonymousCount = 0
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < source.length) {
    const groups = TOKEN.exec(source)?.groups
    if (groups === undefined) return undefined
    const name = groups.quoted ?? groups.name
    const wildcard = groups.quotedWildcard ?? groups.wildcard
    if (groups.open !== undefined) {
      outer.push(tokens)
      tokens = []
    } else if (groups.close !== undefined) {
      const parent = outer.pop()
      if (parent === undefined) return undefined
      tokens = [...parent, { type: 'optional', tokens }]
    } else if (name !== undefined) {
      const isPlain = groups.custom === undefined && groups.modifier === ''
      addParameter(tokens, { name, isSegment: isPlain, isOptional: /[?*]/.test(groups.modifier ?? '') })
    } else if (wildcard !== undefined) {
      addParameter(tokens, { name: wildcard, isSegment: false, isOptional: false })
    } else if (groups.anonymous !== undefined) {
      const isOptional = groups.anonymousModifier !== ''
      addParameter(tokens, { name: String(anonymousCount++), isSegment: false, isOptional })
    } else {
      tokens.push({ type: 'text', text: groups.escaped ?? decodeSegments(groups.text ?? '') })
    }
  }
  return outer.length === 0 ? markSegments(tokens) : undefined
}

/** The slash before an optional parameter is optional too: `/persons/:id?` matches `/persons`. */
function addParameter(
  tokens: Token[],
  { name, isSegment, isOptional }: { name: string; isSegment: boolean; isOptional: boolean },
): void {
  const parameter: Token = { type: 'parameter', name, isSegment }
  const last = tokens.at(-1)
  if (!isOptional) {
    tokens.push(parameter)
  } else if (last?.type === 'text' && last.text.endsWith('/')) {
    tokens.pop()
    if (last.text !== '/') tokens.push({ type: 'text', text: last.text.slice(0, -1) })
    tokens.push({ type: 'optional', tokens: [{ type: 'text', text: '/' }, parameter] })
  } else {
    tokens.push({ type: 'optional', tokens: [parameter] })
  }
}

/** Only a parameter between two slashes is a segment of its own: those of `/:from-:to` are not. */
function markSegments(tokens: readonly Token[]): readonly Token[] {
  return tokens.map((token, index) => {
    if (token.type === 'optional') return { ...token, tokens: markInOptional(token.tokens) }
    if (token.type !== 'parameter' || !token.isSegment) return token
    const [before, after] = [tokens[index - 1], tokens[index + 1]]
    const followsSlash = before?.type === 'text' && before.text.endsWith('/')
    const precedesSlash = after === undefined || (after.type === 'text' && after.text.startsWith('/'))
    return { ...token, isSegment: followsSlash && precedesSlash }
  })
}

/** Whether an optional part is in the path is known only from the values of its parameters. */
function markInOptional(tokens: readonly Token[]): readonly Token[] {
  return tokens.map((token) => {
    if (token.type === 'optional') return { ...token, tokens: markInOptional(token.tokens) }
    return token.type === 'parameter' ? { ...token, isSegment: false } : token
  })
}
