import { createUrlPathMatcher, isPathOrPattern, parseUnambiguousPath } from './path.js'

/** How much of a request is recorded; more stands further to the right. */
const LEVELS = ['none', 'metadata', 'full'] as const

/** `none`: no record. `metadata`: one without filter, results and response headers. `full`: all of it. */
export type PolicyLevel = (typeof LEVELS)[number]

/** A class of statuses, such as `4xx`. */
export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx'

/** What one kind of request is recorded as. It has to meet every condition there is. */
export interface PolicyRule {
  readonly level: PolicyLevel
  /** @example ['POST', 'PUT'] */
  readonly methods?: readonly string[] | undefined
  /** As in `exempt`: a path and all below it, or a pattern for the path. */
  readonly paths?: readonly (string | RegExp)[] | undefined
  /** As the record has them in `route`: `/persons/:id`. */
  readonly routes?: readonly string[] | undefined
  /** Of the response. Where no status line left, no rule with statuses is met. */
  readonly statuses?: readonly (number | StatusClass)[] | undefined
}

interface RequestFacts {
  readonly method: string | undefined
  /** The request target, as the client sent it. */
  readonly target: string
}

interface ExchangeFacts extends RequestFacts {
  readonly route: string | null
  readonly status: number | null
}

export interface Policy {
  /** What is known before a request is handled; `undefined` where it depends on how it is going to be answered. */
  decideOnArrival(asked: RequestFacts): PolicyLevel | undefined
  decideAtEnd(answered: ExchangeFacts): PolicyLevel
}

type Match = 'yes' | 'no' | 'in doubt' | 'not yet known'

/**
 * Ordered rules, of which the first that is met counts. When in doubt more is recorded: of a path that can be read
 * in two ways (`/assets/../persons`) the most that any rule says which may be meant.
 */
export function createPolicy(rules: readonly PolicyRule[]): Policy {
  const tests = rules.map((rule) => ({ level: rule.level, match: createMatch(rule) }))

  function decide(asked: RequestFacts | ExchangeFacts): PolicyLevel | undefined {
    let decided: PolicyLevel = 'none'
    for (const { level, match } of tests) {
      const met = match(asked)
      if (met === 'not yet known') return undefined
      if (met === 'no') continue
      if (LEVELS.indexOf(level) > LEVELS.indexOf(decided)) decided = level
      if (met === 'yes') break
    }
    return decided
  }

  return { decideOnArrival: decide, decideAtEnd: (answered) => decide(answered) ?? 'full' }
}

function createMatch({
  methods,
  paths,
  routes,
  statuses,
}: PolicyRule): (asked: RequestFacts | ExchangeFacts) => Match {
  const names = methods && new Set(methods.map((method) => method.toUpperCase()))
  const pathTests = paths?.map(createUrlPathMatcher)
  const routeNames = routes && new Set<string | null>(routes)
  const wanted = statuses && [...statuses]
  const dependsOnAnswer = routes !== undefined || statuses !== undefined
  return (asked) => {
    if (names && !names.has(asked.method ?? '')) return 'no'
    const path = pathTests && parseUnambiguousPath(asked.target)
    if (pathTests && path !== undefined && !pathTests.some((matches) => matches(path))) return 'no'
    if (dependsOnAnswer) {
      if (!('status' in asked)) return 'not yet known'
      if (routeNames && !routeNames.has(asked.route)) return 'no'
      if (wanted && !wanted.some((status) => isOfStatus(asked.status, status))) return 'no'
    }
    return pathTests && path === undefined ? 'in doubt' : 'yes'
  }
}

function isOfStatus(status: number | null, wanted: number | StatusClass): boolean {
  return typeof wanted === 'number' ? status === wanted : String(status).charAt(0) === wanted.charAt(0)
}

/** Conditions, and how each of what they list has to look. */
const CONDITIONS: Record<Exclude<keyof PolicyRule, 'level'>, (value: unknown) => boolean> = {
  methods: (value) => typeof value === 'string' && /^[\w-]+$/.test(value),
  paths: isPathOrPattern,
  routes: (value) => typeof value === 'string' && value.startsWith('/'),
  statuses: (value) =>
    typeof value === 'string'
      ? /^[1-5]xx$/.test(value)
      : Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599,
}

/** The last rule, and no other, is for all requests: what comes after such a rule would never count. */
export function isPolicy(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false
  const rules = Array.from(value)
  return rules.every(isRule) && rules.findIndex(isCatchAll) === rules.length - 1
}

function isRule(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { level, ...conditions } = value as Record<string, unknown>
  return (
    LEVELS.some((known) => known === level) &&
    Object.entries(conditions).every(([name, listed]) => {
      if (!Object.hasOwn(CONDITIONS, name)) return false
      const accepts = CONDITIONS[name as keyof typeof CONDITIONS]
      // Nothing listed would be a rule that is never met, or, to somebody else, one that always is.
      return (
        listed === undefined ||
        (Array.isArray(listed) && listed.length > 0 && Array.from(listed).every(accepts))
      )
    })
  )
}

function isCatchAll({ level: _level, ...conditions }: PolicyRule): boolean {
  return Object.values(conditions).every((listed) => listed === undefined)
}
