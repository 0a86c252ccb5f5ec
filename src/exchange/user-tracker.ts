// Remembers who was logged in during a request, because a handler may log the user out, delete the account, or log in
// somebody else. docs/users.md has the rule.
import { reportUserMistakes } from '../http/user/check-user.js'
import type { RoutePhase, UserFinding } from '../http/user/find-user.js'
import { areDifferent, type Names, shareName } from '../http/user/person.js'
import { type AuditUser, createAnonymousUser, createUnknownUser, describeUser } from '../http/user/user.js'
import { callSync } from '../lib/call-sync.js'
import { describeValue } from '../lib/inspect.js'
import { suppressRejection } from '../lib/safe-read.js'
import type { UserRecord } from '../record/record.js'
import { toJson } from '../serialize/to-json.js'
import type { OptionsAndAdapter } from './callbacks.js'

/** A user who was logged in at some moment of the request, copied at that moment. */
interface ObservedUser {
  readonly record: UserRecord
  readonly names: Names
}

export class UserTracker<Context> {
  readonly #middleware: OptionsAndAdapter<Context>
  readonly #context: Context
  /** The client address, for a user without one. */
  readonly #ip: string
  // The values at the last observation, by which a change is noticed.
  #user: unknown
  #auth: unknown
  #session: unknown
  #fromOption: ObservedUser | undefined
  #fromPlaces: ObservedUser | undefined
  /** The option `user` and the adapter read properties whose getters call back here. */
  #isObserving = false

  constructor(middleware: OptionsAndAdapter<Context>, context: Context, ip: string) {
    this.#middleware = middleware
    this.#context = context
    this.#ip = ip
  }

  /**
   * Remembers the user, if there is one now. Never throws.
   *
   * @param isForced observes even if the usual properties are unchanged: a user may be in another one
   */
  observe(phase: RoutePhase, isForced: boolean): void {
    if (this.#isObserving) return
    this.#isObserving = true
    try {
      // Hot path: most observations end here.
      if (!this.#hasChanged() && (!isForced || this.#isSettled)) return
      const fromOption = toObservedUser(this.#askOption())
      if (fromOption !== undefined) this.#fromOption = keepFirstPerson(this.#fromOption, fromOption)
      if (this.#fromOption === undefined) this.#observePlaces(phase)
    } catch {
      // The option `user` fails as long as there is no session. It is asked again, and reported, at the end.
      this.#observePlaces(phase)
    } finally {
      this.#isObserving = false
    }
  }

  /** The user of the record that is written when the request arrives. */
  describeAtArrival(): UserRecord {
    return (this.#fromOption ?? this.#fromPlaces)?.record ?? createUnknownUser(this.#ip)
  }

  /** The user of the record, when the response has ended. Never throws. */
  describeAtEnd(): UserRecord {
    this.#isObserving = true
    try {
      return this.#describeByOption() ?? this.#describeByPlaces()
    } finally {
      this.#isObserving = false
    }
  }

  /** Whether another observation would find what is known already, if nothing has changed. */
  get #isSettled(): boolean {
    return this.#fromPlaces !== undefined && this.#middleware.options.user === undefined
  }

  #hasChanged(): boolean {
    try {
      const { adapter } = this.#middleware
      const holder = adapter.getUserHolder(this.#context)
      const user = suppressRejection(holder.user)
      const auth = suppressRejection(holder.auth)
      // A session is loaded once. Its user counts only if there is no other.
      const isKnown = this.#fromOption !== undefined || this.#fromPlaces !== undefined
      const session = isKnown ? this.#session : suppressRejection(adapter.getSession(this.#context))
      if (user === this.#user && auth === this.#auth && session === this.#session) return false
      this.#user = user
      this.#auth = auth
      this.#session = session
    } catch {
      // A getter of the application threw.
    }
    return true
  }

  #observePlaces(phase: RoutePhase): void {
    const finding = this.#findInPlaces(phase)
    if (finding.kind !== 'person') return
    const { user, names } = finding.person
    this.#fromPlaces = keepFirstPerson(this.#fromPlaces, { record: describeUser(user, this.#ip), names })
  }

  #findInPlaces(phase: RoutePhase): UserFinding {
    return this.#middleware.adapter.findUser(this.#context, phase)
  }

  /** `undefined` if the option does not know the user. Throws what the option throws. */
  #askOption(): UserRecord | undefined {
    const { options } = this.#middleware
    const { user } = options
    if (user === undefined) return undefined
    const answer = toJson(callSync(() => user(this.#context)))
    if (answer === undefined || answer === null) return undefined
    if (typeof answer !== 'object' || Array.isArray(answer)) {
      throw new TypeError(`it returned ${describeValue(answer)}, but must return an object or undefined`)
    }
    reportUserMistakes(options.reporter, 'The `user` option', answer as unknown as AuditUser)
    return describeUser(answer as unknown as AuditUser, this.#ip)
  }

  #describeByOption(): UserRecord | undefined {
    try {
      const answer = this.#askOption()
      const last = toObservedUser(answer)
      return (last === undefined ? this.#fromOption : fillGaps(this.#fromOption, last))?.record ?? answer
    } catch (error) {
      // For example, because the handler has destroyed the session.
      if (this.#fromOption !== undefined) return this.#fromOption.record
      this.#middleware.options.reporter.reportOnce(
        'ERR_AUDIT_CALLBACK',
        'The `user` option threw an error or did not return a user; the record has `authenticated: null`. Fix the function',
        error,
      )
      return createUnknownUser(this.#ip)
    }
  }

  #describeByPlaces(): UserRecord {
    const before = this.#fromPlaces?.record
    // Hot path: most requests end with the user whom they had, and nothing to add.
    if (before?.email && before.roles !== null && !this.#hasChanged()) return before
    const finding = this.#findInPlaces('inRoute')
    const ip = this.#ip
    if (finding.kind === 'person') {
      const { user, names } = finding.person
      return fillGaps(this.#fromPlaces, { record: describeUser(user, ip), names }).record
    }
    if (this.#fromPlaces !== undefined) return this.#fromPlaces.record
    if (finding.kind === 'nobody') return createAnonymousUser(ip)
    const { kind, problem } = finding
    const consequence =
      kind === 'login'
        ? 'the records have `authenticated: true` and no name'
        : 'the records have `authenticated: null`'
    this.#middleware.options.reporter.reportOnce(
      'ERR_AUDIT_USER',
      `${problem}, so ${consequence}. Set the \`user\` option to a function that returns who is logged in`,
    )
    return kind === 'login' ? describeUser({ authenticated: true }, ip) : createUnknownUser(ip)
  }
}

/** Only a user who is logged in is remembered: a request begins without one. */
function toObservedUser(record: UserRecord | undefined): ObservedUser | undefined {
  if (record?.authenticated !== true) return undefined
  const names: Map<'id' | 'email', string> = new Map()
  if (record.id) names.set('id', record.id)
  if (record.email) names.set('email', record.email.toLowerCase())
  return { record, names }
}

/** Before the handler, middleware may describe the same person more fully. Nobody else replaces who came first. */
function keepFirstPerson(before: ObservedUser | undefined, now: ObservedUser): ObservedUser {
  return before !== undefined && areDifferent(before.names, now.names) ? before : now
}

/** At the end, what was known before the handler counts: the handler may have changed the user. */
function fillGaps(before: ObservedUser | undefined, now: ObservedUser): ObservedUser {
  if (before === undefined) return now
  if (!shareName(before.names, now.names)) return before
  const [older, newer] = [before.record, now.record]
  const record: UserRecord = {
    ...newer,
    ...older,
    provider: older.provider || newer.provider,
    realm: older.realm || newer.realm,
    email: older.email || newer.email,
    roles: older.roles ?? newer.roles,
  }
  return { record, names: before.names }
}
