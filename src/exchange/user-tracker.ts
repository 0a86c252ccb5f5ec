// Remembers who was logged in during a request, because a handler may log the user out, delete the account, or log in
// somebody else. docs/users.md has the rule.
import { reportUserMistakes } from '../http/user/check-user.js'
import { PHASE, type Phase } from '../http/user/evidence.js'
import type { UserFinding } from '../http/user/find-user.js'
import { areDifferent, type Names, shareName } from '../http/user/person.js'
import { type AuditUser, createAnonymousUser, createUnknownUser, describeUser } from '../http/user/user.js'
import { callSync } from '../lib/call-sync.js'
import { describeValue } from '../lib/inspect.js'
import { suppressRejection } from '../lib/safe-read.js'
import type { UserRecord } from '../record/record.js'
import { toJson } from '../serialize/to-json.js'
import type { OptionsAndAdapter } from './callbacks.js'
import { type CredentialsCheck, fillGaps, UserFromPlaces } from './user-from-places.js'

/** A user who was logged in at some moment of the request, copied at that moment. */
interface ObservedUser {
  readonly record: UserRecord
  readonly names: Names
}

export class UserTracker<Context> implements CredentialsCheck {
  readonly #middleware: OptionsAndAdapter<Context>
  readonly #context: Context
  /** The client address, for a user without one. */
  readonly #ip: string
  // The values at the last observation, by which a change is noticed.
  #user: unknown
  #auth: unknown
  #session: unknown
  #authInfo: unknown
  /** The most specific code that has run since the request arrived. */
  #phase: Phase = PHASE.middleware
  #fromOption: ObservedUser | undefined
  /** Created when something is found: nobody is logged in during most requests. */
  #fromPlaces: UserFromPlaces | undefined
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
   * @param next the code that runs next
   * @param isForced observes even if the usual properties are unchanged: a user may be in another one
   */
  observe(next: Phase, isForced: boolean): void {
    if (this.#isObserving) return
    this.#isObserving = true
    const isMoreSpecific = next > this.#phase
    try {
      // Hot path: most observations end here.
      if (!this.#hasChanged() && ((!isForced && !isMoreSpecific) || this.#isSettled)) return
      const fromOption = toObservedUser(this.#askOption())
      if (fromOption !== undefined) this.#fromOption = keepFirstPerson(this.#fromOption, fromOption)
      if (this.#fromOption === undefined) this.#observePlaces()
    } catch {
      // The option `user` fails as long as there is no session. It is asked again, and reported, at the end.
      this.#observePlaces()
    } finally {
      this.#isObserving = false
      if (isMoreSpecific) this.#phase = next
    }
  }

  /** The user of a line that is written before the exchange has ended. */
  describeSoFar(): UserRecord {
    return this.#fromOption?.record ?? this.#fromPlaces?.record ?? createUnknownUser(this.#ip)
  }

  /**
   * The user of the record, when the response has ended. Never throws.
   *
   * @param status `null` if it is not known
   */
  describeAtEnd(status: number | null): UserRecord {
    this.#isObserving = true
    try {
      const hasOption = this.#middleware.options.user !== undefined
      return (hasOption ? this.#describeByOption() : undefined) ?? this.#describeByPlaces(status)
    } finally {
      this.#isObserving = false
    }
  }

  /** Called by {@link UserFromPlaces}. A method, because a closure would be allocated for each request (hot path). */
  hasCredentials(): boolean {
    return this.#middleware.adapter.hasCredentials(this.#context)
  }

  /** Whether another observation would find what is known already, if nothing has changed. */
  get #isSettled(): boolean {
    return this.#fromPlaces?.record !== undefined && this.#middleware.options.user === undefined
  }

  #hasChanged(): boolean {
    try {
      const { adapter } = this.#middleware
      const user = adapter.getUser(this.#context)
      const auth = adapter.getAuth(this.#context)
      // A session is loaded once. Its user counts only if there is no other.
      const isKnown = this.#fromOption !== undefined || this.#fromPlaces?.record !== undefined
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

  #observePlaces(): void {
    const finding = this.#findInPlaces()
    if (this.#fromPlaces === undefined && finding.kind === 'nobody') return
    this.#fromPlaces ??= new UserFromPlaces(this.#ip, this)
    this.#fromPlaces.observe(finding)
  }

  #findInPlaces(): UserFinding {
    const authInfo = this.#readAuthInfo()
    const isNewlyAuthenticated = authInfo !== this.#authInfo && authInfo !== undefined
    this.#authInfo = authInfo
    return this.#middleware.adapter.findUser(this.#context, { phase: this.#phase, isNewlyAuthenticated })
  }

  #readAuthInfo(): unknown {
    try {
      return this.#middleware.adapter.getAuthInfo(this.#context)
    } catch {
      // A state that cannot be read, or none.
      return undefined
    }
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
      return this.#completeOption(last)?.record ?? answer
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

  #completeOption(last: ObservedUser | undefined): ObservedUser | undefined {
    const before = this.#fromOption
    if (before === undefined || last === undefined) return before ?? last
    return shareName(before.names, last.names)
      ? { ...before, record: fillGaps(before.record, last.record) }
      : before
  }

  #describeByPlaces(status: number | null): UserRecord {
    const isUnchanged = this.#fromPlaces?.isComplete === true && !this.#hasChanged()
    // Hot path: most requests end with the user whom they had, and nothing to add.
    const finding = isUnchanged ? undefined : this.#findInPlaces()
    if (this.#fromPlaces === undefined && finding?.kind === 'nobody' && !this.hasCredentials())
      return createAnonymousUser(this.#ip)
    this.#fromPlaces ??= new UserFromPlaces(this.#ip, this)
    const description = this.#fromPlaces.describe(finding, status)
    if (description.problem !== undefined) this.#report(description.problem, description.record)
    return description.record
  }

  #report(problem: string, { authenticated }: UserRecord): void {
    const consequence =
      authenticated === true
        ? 'the records have `authenticated: true` and no name'
        : 'the records have `authenticated: null`'
    this.#middleware.options.reporter.reportOnce(
      'ERR_AUDIT_USER',
      `${problem}, so ${consequence}. Set the \`user\` option to a function that returns who is logged in`,
    )
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
