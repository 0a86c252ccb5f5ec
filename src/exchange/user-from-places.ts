// Follows who is found in the places of users while a request is handled. docs/users.md has the rule.
import { EVIDENCE, type Evidence, readOwnTexts } from '../http/user/evidence.js'
import type { FoundPerson, UnknownUser, UserFinding } from '../http/user/find-user.js'
import { areDifferent, type Names, type Person, shareName } from '../http/user/person.js'
import { createAnonymousUser, createUnknownUser, describeUser } from '../http/user/user.js'
import type { UserRecord } from '../record/record.js'

/** A person who was found, copied at that moment. */
interface ObservedPerson {
  readonly record: UserRecord
  readonly names: Names
  readonly evidence: Evidence
  readonly isCredential: boolean
}

interface Description {
  readonly record: UserRecord
  /** Why the record does not say who sent the request. */
  readonly problem?: string
}

/** RFC 9110 section 15.5.2: the request lacks valid credentials. */
const UNAUTHORIZED = 401

export interface CredentialsCheck {
  /** Whether the request carries credentials of its own, beside a session. */
  hasCredentials(): boolean
}

export class UserFromPlaces {
  readonly #ip: string
  readonly #request: CredentialsCheck
  #person: ObservedPerson | undefined
  /** Two people were found, and it is not known which of them sent the request. */
  #conflict: string | undefined
  /** Something was found that does not count alone. */
  #doubt: string | undefined

  constructor(ip: string, request: CredentialsCheck) {
    this.#ip = ip
    this.#request = request
  }

  /** The user who was found so far. */
  get record(): UserRecord | undefined {
    return this.#person?.record
  }

  /** Whether nothing could be added to the user at the end. */
  get isComplete(): boolean {
    const record = this.#person?.record
    return record !== undefined && record.email !== '' && record.roles !== null
  }

  /** Called before the next middleware or handler runs. */
  observe(finding: UserFinding): void {
    if (finding.kind === 'unknown') {
      if (finding.isConflict) this.#conflict ??= finding.problem
      this.#observeUnknown(finding)
    } else if (finding.kind === 'person') {
      this.#person = this.#follow(finding)
    }
  }

  /**
   * The user of the record. What was found before the handler ran counts: the handler may have changed the user.
   *
   * @param finding what is found now; `undefined` if nothing has changed
   */
  describe(finding: UserFinding | undefined, status: number | null): Description {
    if (finding?.kind === 'unknown') this.#observeUnknown(finding)
    if (this.#conflict !== undefined) return this.#describeUnknown(this.#conflict)
    const now = finding?.kind === 'person' ? this.#copy(finding) : undefined
    const before = this.#person
    const person = before ?? now
    if (person !== undefined) {
      const isPresent = finding === undefined || (now !== undefined && isSame(before ?? now, now, finding))
      if (status === UNAUTHORIZED) {
        if (person.isCredential && before === undefined) return { record: createAnonymousUser(this.#ip) }
        if (person.evidence <= EVIDENCE.middleware || (person.evidence !== EVIDENCE.token && !isPresent)) {
          return this.#describeUnknown(
            'A response with the status 401 may have refused the user who was found',
          )
        }
      }
      return { record: now !== undefined && isPresent ? fillGaps(person.record, now.record) : person.record }
    }
    if (finding?.kind === 'login') {
      return { record: describeUser({ authenticated: true }, this.#ip), problem: finding.problem }
    }
    if (this.#doubt !== undefined) {
      return status === UNAUTHORIZED && finding?.kind !== 'unknown'
        ? { record: createAnonymousUser(this.#ip) }
        : this.#describeUnknown(this.#doubt)
    }
    if ((status ?? UNAUTHORIZED) < 400 && this.#request.hasCredentials()) {
      return this.#describeUnknown(
        'A request with the header Authorization was accepted, and no user was found',
      )
    }
    return { record: createAnonymousUser(this.#ip) }
  }

  #describeUnknown(problem: string): Description {
    return { record: createUnknownUser(this.#ip), problem }
  }

  #observeUnknown({ problem, person }: UnknownUser): void {
    const before = this.#person
    if (
      person !== undefined &&
      before !== undefined &&
      isInSession(before) &&
      !shareName(before.names, person.names)
    ) {
      // The token of the header may be that of the person who does not count.
      if (this.#request.hasCredentials()) this.#conflict ??= problem
    }
    this.#doubt ??= problem
  }

  #follow(finding: FoundPerson): ObservedPerson {
    const now = this.#copy(finding)
    const before = this.#person
    if (before === undefined) return now
    if (isSame(before, now, finding))
      return now.evidence >= before.evidence ? now : { ...now, evidence: before.evidence }
    if (isInSession(before) && isInSession(now) && now.evidence === before.evidence) {
      // A login as somebody else.
      return before
    }
    const mayBeEither =
      now.evidence === before.evidence ||
      (now.evidence > before.evidence && areDifferent(before.names, now.names)) ||
      (now.evidence < before.evidence && isInSession(before) && this.#request.hasCredentials())
    if (mayBeEither) this.#conflict ??= 'Two users were found during one request'
    return now.evidence > before.evidence ? now : before
  }

  #copy({ person, evidence, isCredential }: FoundPerson): ObservedPerson {
    return {
      record: describeUser(person.user, this.#ip),
      names: addNames(person),
      evidence,
      isCredential,
    }
  }
}

/** With the names of the user on whose behalf the person acts, by which the person is recognized as well. */
function addNames({ names, user }: Person): Names {
  const { id, email } = user.onBehalfOf ?? {}
  if (id === undefined && email === undefined) return names
  const all = new Map<string, string>(names)
  if (id !== undefined) all.set('onBehalfOf.id', id)
  if (email !== undefined) all.set('onBehalfOf.email', email.toLowerCase())
  return all as unknown as Names
}

function isSame(before: ObservedPerson, now: ObservedPerson, finding: UserFinding): boolean {
  if (shareName(before.names, now.names)) return true
  if (finding.kind !== 'person') return false
  // A row of the database with the id of the identity provider in a column of its own.
  const texts = readOwnTexts(finding.value)
  return [...before.names.values()].some((name) => texts.has(name))
}

function isInSession({ evidence }: ObservedPerson): boolean {
  return evidence === EVIDENCE.session || evidence === EVIDENCE.passport
}

/** `older` with what only `newer` has. */
export function fillGaps(older: UserRecord, newer: UserRecord): UserRecord {
  const user = {
    ...newer,
    ...older,
    provider: older.provider || newer.provider,
    realm: older.realm || newer.realm,
    email: older.email || newer.email,
    roles: older.roles ?? newer.roles,
  }
  // Whom the user acts for is no gap: an impersonation that starts during the request is not one that the request was part of.
  if (older.on_behalf_of === undefined) delete user.on_behalf_of
  return user
}
