// Signing in with a password and a bearer token, without HTTP and without a framework.
import { randomUUID, scryptSync, timingSafeEqual } from 'node:crypto'
import type { AuditTarget, AuditUser } from 'http-audit-log'
import type { Person } from './bank.js'
import { BankError, NotSignedIn } from './errors.js'

export interface Employee {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: 'reader' | 'editor' | 'admin'
}

interface Session {
  readonly employee: Employee
  /** The client as whom the employee acts. */
  client?: Person | undefined
}

export type SendMail = (email: string, resetToken: string) => void

const MAX_FAILURES = 3

export class SignIn {
  readonly #employees = new Map<string, Employee>()
  readonly #hashes = new Map<string, Buffer>()
  readonly #failures = new Map<string, number>()
  readonly #sessions = new Map<string, Session>()
  readonly #resets = new Map<string, Employee>()
  readonly #sendMail: SendMail

  constructor(employees: readonly (Employee & { password: string })[], sendMail: SendMail) {
    this.#sendMail = sendMail
    for (const { password, ...employee } of employees) {
      this.#employees.set(employee.email, employee)
      this.#hashes.set(employee.email, hash(password))
    }
  }

  /** The target of a login: the account, by the id that `user.id` of its other records has, or the name that was tried. */
  describeAccount(email: unknown): AuditTarget {
    const name = typeof email === 'string' ? email : ''
    return { type: 'User', id: this.#employees.get(name)?.id ?? name }
  }

  /** Returns a bearer token. The user gets one message for every failure, which must not show who has an account. */
  signIn(email: unknown, password: unknown): { employee: Employee; token: string } {
    const refuse = (status: number, reason: string) =>
      new BankError(status, 'wrong email address or password', reason)
    const employee = this.#employees.get(String(email))
    if (employee === undefined) throw refuse(401, 'no such user')
    const failures = this.#failures.get(employee.email) ?? 0
    if (failures >= MAX_FAILURES) throw refuse(403, 'locked after too many failures')
    const expected = this.#hashes.get(employee.email) as Buffer
    if (!timingSafeEqual(hash(String(password)), expected)) {
      this.#failures.set(employee.email, failures + 1)
      throw refuse(401, 'wrong password')
    }
    this.#failures.delete(employee.email)
    const token = randomUUID()
    this.#sessions.set(token, { employee })
    return { employee, token }
  }

  signOut(authorization: string | undefined): void {
    this.#sessions.delete(tokenOf(authorization))
  }

  /** The employee who is signed in. */
  require(authorization: string | undefined): Employee {
    const session = this.#sessions.get(tokenOf(authorization))
    if (session === undefined) throw new NotSignedIn()
    return session.employee
  }

  impersonate(authorization: string | undefined, client: Person | undefined): void {
    const session = this.#sessions.get(tokenOf(authorization))
    if (session !== undefined) session.client = client
  }

  /** Answers nothing, so that it does not show who has an account. */
  requestReset(email: unknown): void {
    const employee = this.#employees.get(String(email))
    if (employee === undefined) return
    const token = randomUUID()
    this.#resets.set(token, employee)
    this.#sendMail(employee.email, token)
  }

  completeReset(token: unknown, password: unknown): Employee {
    const employee = this.#resets.get(String(token))
    if (employee === undefined) throw new BankError(403, 'this link is no longer valid')
    this.#resets.delete(String(token))
    this.#hashes.set(employee.email, hash(String(password)))
    this.#failures.delete(employee.email)
    return employee
  }

  /** For the option `user` of auditLog. */
  describeUser(authorization: string | undefined): AuditUser | undefined {
    const session = this.#sessions.get(tokenOf(authorization))
    return session && describeEmployee(session.employee, session.client)
  }
}

export function describeEmployee({ id, name, email, role }: Employee, client?: Person): AuditUser {
  const onBehalfOf = client && { id: String(client.id), email: client.email }
  return { authenticated: true, provider: 'bank', type: 'user', id, name, email, roles: [role], onBehalfOf }
}

function tokenOf(authorization: string | undefined): string {
  return authorization?.replace(/^Bearer /, '') ?? ''
}

function hash(password: string): Buffer {
  return scryptSync(password, 'a salt for each user in a real application', 32, { N: 1024 })
}
