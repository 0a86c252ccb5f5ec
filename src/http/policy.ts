import { type Check, type Checks, checkFilledArray, isPlainObject } from '../lib/validate.js'
import { POLICY_LEVELS, type PolicyLevel } from '../record/record-draft.js'
import { createUrlPathMatcher, isPathOrPattern, parseUnambiguousPath } from './path.js'
import { mayFitPath } from './route-pattern.js'

/** All statuses with the same first digit, such as `4xx`. */
export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx'

/** The level for one kind of request. A request matches the rule if it meets every condition that the rule has. */
export interface PolicyRule {
  readonly level: PolicyLevel
  /**
   * Methods as the client sent them. If a middleware such as method-override replaced `req.method`, the level is the higher
   * one of those for the two methods.
   * @example ['POST', 'PUT']
   */
  readonly methods?: readonly string[] | undefined
  /** As in `exempt`: a path and every path below it, or a pattern for the path. */
  readonly paths?: readonly (string | RegExp)[] | undefined
  /** Routes as they appear in the field `route` of the record: `/persons/:id`. */
  readonly routes?: readonly string[] | undefined
  /** Statuses of the response. A response that was aborted before its status line was sent matches none. */
  readonly statuses?: readonly (number | StatusClass)[] | undefined
}

interface RequestFacts {
  readonly method: string | undefined
  /** By which the framework chose the handler, if a middleware such as method-override replaced the method. */
  readonly routedMethod?: string | undefined
  /** The request target, as the client sent it. */
  readonly target: string
}

interface ExchangeFacts extends RequestFacts {
  readonly route: string | null
  /** Whether the framework has chosen a route that is not known for certain. */
  readonly isRouteUncertain: boolean
  /** `null` if no status was sent, and `undefined` if it is not known. */
  readonly status: number | null | undefined
}

export interface Policy {
  /** The level of every request, if no rule has a condition. */
  readonly constantLevel: PolicyLevel | undefined
  /** The level before the request is handled; `undefined` if it depends on the route or the response. */
  decideOnArrival(request: RequestFacts): PolicyLevel | undefined
  decideAtEnd(exchange: ExchangeFacts): PolicyLevel
}

/**
 * `uncertain`: the path can be interpreted in two ways, or the route or the status is not known. `pending`: the route or the status is
 * not known yet.
 */
type Match = 'yes' | 'no' | 'uncertain' | 'pending'

/**
 * Creates a policy of ordered rules: the first rule that matches decides. In case of doubt more is recorded: for a path
 * that can be interpreted in two ways (`/assets/../persons`), and for a request whose route or status is not known, the highest
 * level of all rules that may match it.
 *
 * @example
 * const policy = createPolicy([{ level: 'metadata', methods: ['GET'] }, { level: 'full' }])
 * policy.decideOnArrival({ method: 'GET', target: '/persons' })   // 'metadata'
 */
export function createPolicy(rules: readonly PolicyRule[]): Policy {
  const matchers = rules.map((rule) => ({ level: rule.level, match: createRuleMatcher(rule) }))

  function decide(facts: RequestFacts | ExchangeFacts): PolicyLevel | undefined {
    let decided: PolicyLevel = 'none'
    for (const { level, match } of matchers) {
      const result = match(facts)
      if (result === 'pending') return undefined
      if (result === 'no') continue
      decided = findHigher(decided, level)
      if (result === 'yes') break
    }
    return decided
  }

  /** A GET that method-override turns into a DELETE is a deletion on which a rule for GET must not decide. */
  function decideForBothMethods(facts: RequestFacts | ExchangeFacts): PolicyLevel | undefined {
    const level = decide(facts)
    const routedMethod = facts.routedMethod?.toUpperCase()
    if (level === undefined || routedMethod === undefined || routedMethod === facts.method) return level
    const routedLevel = decide({ ...facts, method: routedMethod })
    return routedLevel && findHigher(level, routedLevel)
  }

  const [first] = rules
  return {
    constantLevel: first !== undefined && isCatchAll(first) ? first.level : undefined,
    decideOnArrival: decideForBothMethods,
    decideAtEnd: (exchange) => decideForBothMethods(exchange) ?? 'full',
  }
}

function findHigher(one: PolicyLevel, other: PolicyLevel): PolicyLevel {
  return POLICY_LEVELS.indexOf(other) > POLICY_LEVELS.indexOf(one) ? other : one
}

function createRuleMatcher({
  methods,
  paths,
  routes,
  statuses,
}: PolicyRule): (facts: RequestFacts | ExchangeFacts) => Match {
  const methodSet = methods && new Set(methods.map((method) => method.toUpperCase()))
  const pathMatchers = paths?.map(createUrlPathMatcher)
  const routeList = routes && [...routes]
  const statusList = statuses && [...statuses]
  const dependsOnResponse = routes !== undefined || statuses !== undefined
  return (facts) => {
    if (methodSet && !methodSet.has(facts.method ?? '')) return 'no'
    const path = pathMatchers && parseUnambiguousPath(facts.target)
    if (pathMatchers && path !== undefined && !pathMatchers.some((matches) => matches(path))) return 'no'
    let isCertain = pathMatchers === undefined || path !== undefined
    if (dependsOnResponse) {
      if (!('status' in facts)) return 'pending'
      const { route, status } = facts
      if (routeList && !mayHaveRoute(facts, routeList)) return 'no'
      if (statusList && !statusList.some((expected) => mayHaveStatus(status, expected))) return 'no'
      if ((routeList && route === null) || (statusList && status === undefined)) isCertain = false
    }
    return isCertain ? 'yes' : 'uncertain'
  }
}

/** Whether one of the routes is, or if the route is not known may be, that of the request. */
function mayHaveRoute(
  { route: knownRoute, target, isRouteUncertain }: ExchangeFacts,
  routes: readonly string[],
): boolean {
  if (knownRoute !== null) return routes.includes(knownRoute)
  const path = isRouteUncertain ? undefined : parseUnambiguousPath(target)
  return path === undefined || routes.some((route) => mayFitPath(route, path))
}

function mayHaveStatus(status: number | null | undefined, expected: number | StatusClass): boolean {
  if (status === undefined) return true
  return typeof expected === 'number' ? status === expected : String(status).charAt(0) === expected.charAt(0)
}

const checkRule: Check = {
  expected: 'an object with a level, and optionally methods, paths, routes and statuses',
  accepts: isPlainObject,
  properties: {
    level: {
      expected: POLICY_LEVELS.map((level) => `'${level}'`).join(', '),
      accepts: (value) => POLICY_LEVELS.some((level) => level === value),
      isRequired: true,
    },
    methods: checkFilledArray({
      expected: "a method, such as 'GET'",
      accepts: (item) => typeof item === 'string' && /^[\w-]+$/.test(item),
    }),
    paths: checkFilledArray({
      expected: "a path that begins with '/' (without a query or `*`) or a regular expression",
      accepts: isPathOrPattern,
    }),
    routes: checkFilledArray({
      expected:
        "a route as in the record, such as '/persons/:id', which begins with '/' and has no regular expressions",
      accepts: (item) => typeof item === 'string' && item.startsWith('/') && !/(?<!\\)\(/.test(item),
    }),
    statuses: checkFilledArray({
      expected: "an integer from 100 to 599 or a class such as '4xx'",
      accepts: (item) =>
        typeof item === 'string'
          ? /^[1-5]xx$/.test(item)
          : Number.isInteger(item) && Number(item) >= 100 && Number(item) <= 599,
    }),
  } satisfies Checks<PolicyRule>,
}

/** Requires a last rule without conditions, and no such rule before it: the rules after it would never apply. */
export const checkPolicy: Check = {
  expected: 'an array of one or more rules',
  accepts: (value) => Array.isArray(value) && value.length > 0,
  items: checkRule,
  findProblem(rules: readonly PolicyRule[]) {
    const last = rules.length - 1
    const index = rules.findIndex(isCatchAll)
    if (index === last) return undefined
    return index === -1
      ? {
          path: `[${last}]`,
          expected:
            "a rule without conditions, because the last rule applies to all other requests; add { level: 'full' } as the last rule",
          value: rules[last],
        }
      : {
          path: `[${index}]`,
          expected:
            'a rule with methods, paths, routes or statuses, because without them the rules after it never apply',
          value: rules[index],
        }
  },
}

function isCatchAll({ level: _level, ...conditions }: PolicyRule): boolean {
  return Object.values(conditions).every((items) => items === undefined)
}
