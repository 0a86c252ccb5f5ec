// The bank, without HTTP and without a framework: clients, their accounts, and who may do what with them. Data is in memory.
import { EventEmitter } from 'node:events'
import { Conflict, Denied, Invalid, NotFound } from './errors.js'
import type { Employee } from './sign-in.js'

export interface Person {
  readonly id: number
  last_name: string
  email: string
  /** The employee whose client this is. */
  readonly adviser: string
}

export interface Account {
  readonly id: string
  readonly owner: number
  balance: number
  isOpen: boolean
}

/** An object before and after a change. */
export interface Change<T> {
  readonly before: T
  readonly after: T
}

const RIGHTS = {
  reader: ['read'],
  editor: ['read', 'create', 'change', 'transfer'],
  admin: ['read', 'create', 'change', 'transfer', 'delete', 'impersonate'],
} as const
type Right = (typeof RIGHTS)['admin'][number]

export class Bank {
  readonly #persons = new Map<number, Person>([
    [1, { id: 1, last_name: 'Jansen', email: 'jansen@example.org', adviser: 'bob' }],
    [2, { id: 2, last_name: 'de Vries', email: 'devries@example.org', adviser: 'carol' }],
    [3, { id: 3, last_name: 'Bakker', email: 'bakker@example.org', adviser: 'bob' }],
  ])
  readonly #accounts = new Map<string, Account>([
    ['A-100', { id: 'A-100', owner: 1, balance: 500, isOpen: true }],
    ['A-200', { id: 'A-200', owner: 2, balance: 0, isOpen: true }],
    ['A-300', { id: 'A-300', owner: 3, balance: 0, isOpen: true }],
    ['A-301', { id: 'A-301', owner: 3, balance: 0, isOpen: true }],
    ['A-302', { id: 'A-302', owner: 3, balance: 0, isOpen: true }],
  ])
  readonly #changes = new EventEmitter()
  #lastId = 3

  findPersons(employee: Employee, lastName: unknown): Person[] {
    this.#authorize(employee, 'read')
    return [...this.#persons.values()].filter(
      ({ last_name }) => lastName === undefined || last_name === lastName,
    )
  }

  readPerson(employee: Employee, id: unknown): Person {
    this.#authorize(employee, 'read')
    return this.#ownPerson(employee, id)
  }

  addPerson(employee: Employee, input: unknown): Person {
    this.#authorize(employee, 'create')
    const person = { id: this.#lastId + 1, ...readPersonInput(input), adviser: employee.id }
    this.#lastId = person.id
    this.#persons.set(person.id, person)
    return person
  }

  changePerson(employee: Employee, id: unknown, input: unknown): Change<Person> {
    this.#authorize(employee, 'change')
    const before = this.#ownPerson(employee, id)
    const after = { ...before, ...readPersonInput({ ...before, ...(input as object) }) }
    this.#persons.set(after.id, after)
    return { before, after }
  }

  removePerson(employee: Employee, id: unknown): void {
    this.#authorize(employee, 'delete')
    const person = this.#ownPerson(employee, id)
    for (const account of this.#accounts.values()) {
      if (account.owner === person.id && account.isOpen) throw new Conflict(`account ${account.id} is open`)
    }
    this.#persons.delete(person.id)
  }

  readAccount(employee: Employee, id: unknown): Account {
    this.#authorize(employee, 'read')
    const account = this.#accounts.get(String(id))
    if (account === undefined) throw new NotFound('no such account')
    this.#ownPerson(employee, account.owner)
    return account
  }

  transfer(
    employee: Employee,
    from: unknown,
    to: unknown,
    amount: unknown,
  ): Record<'from' | 'to', Change<Account>> {
    this.#authorize(employee, 'transfer')
    const source = this.readAccount(employee, from)
    const destination = this.#accounts.get(String(to))
    if (destination === undefined) throw new NotFound('no such account')
    if (typeof amount !== 'number' || !(amount > 0)) throw new Invalid('amount is not a positive number')
    if (source.balance < amount) throw new Conflict('insufficient funds')
    return {
      from: this.#changeAccount(source, { balance: source.balance - amount }),
      to: this.#changeAccount(destination, { balance: destination.balance + amount }),
    }
  }

  closeAccount(employee: Employee, id: unknown): Change<Account> {
    this.#authorize(employee, 'change')
    const account = this.readAccount(employee, id)
    if (account.balance !== 0) throw new Conflict('the account is not empty')
    return this.#changeAccount(account, { isOpen: false })
  }

  /** For the nightly job, which is no employee. */
  closeEmptyAccounts(): Change<Account>[] {
    return [...this.#accounts.values()]
      .filter(({ balance, isOpen }) => balance === 0 && isOpen)
      .map((account) => this.#changeAccount(account, { isOpen: false }))
  }

  /** Calls `listener` at each change of an account, until the function that it returns is called. */
  watchAccount(employee: Employee, id: unknown, listener: (account: Account) => void): () => void {
    const name = this.readAccount(employee, id).id
    this.#changes.on(name, listener)
    return () => void this.#changes.off(name, listener)
  }

  startImpersonation(employee: Employee, personId: unknown): Person {
    this.#authorize(employee, 'impersonate')
    return this.#ownPerson(employee, personId)
  }

  /** An employee sees and changes only their own clients; an admin reads and changes those of others too. */
  #ownPerson(employee: Employee, id: unknown): Person {
    const person = this.#persons.get(Number(id))
    if (person === undefined) throw new NotFound('no such person')
    if (person.adviser !== employee.id && employee.role !== 'admin') throw new Denied('not your client')
    return person
  }

  #authorize({ role }: Employee, right: Right): void {
    const rights: readonly Right[] = RIGHTS[role]
    if (!rights.includes(right)) throw new Denied(`role ${role} may not ${right}`)
  }

  #changeAccount(before: Account, change: Partial<Account>): Change<Account> {
    const after = { ...before, ...change }
    this.#accounts.set(after.id, after)
    this.#changes.emit(after.id, after)
    return { before, after }
  }
}

function readPersonInput(input: unknown): Pick<Person, 'last_name' | 'email'> {
  const { last_name, email } = (input ?? {}) as Partial<Person>
  if (typeof last_name !== 'string' || last_name === '') throw new Invalid('last_name is missing')
  if (typeof email !== 'string' || !email.includes('@')) throw new Invalid('email is not an address')
  return { last_name, email }
}
