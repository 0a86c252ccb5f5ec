// The scenario of examples/, and what really happened in it.
import { once } from 'node:events'
import type { AuditRecord } from 'http-audit-log'
import { parseRecords } from './audit-lines.js'
import { readAll, spawnProgram } from './child-process.js'

export type BankFramework = 'express' | 'koa'

const outputs = new Map<BankFramework, Promise<string>>()

/** The NDJSON of the scenario, which runs once per test file and framework. */
export function playScenario(framework: BankFramework): Promise<string> {
  const output = outputs.get(framework) ?? play(framework)
  outputs.set(framework, output)
  return output
}

async function play(framework: BankFramework): Promise<string> {
  const child = spawnProgram('examples/scenario.ts', {}, [framework])
  const [stdout, stderr, [code]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, 'exit'),
  ])
  if (code !== 0) throw new Error(`The scenario ended with code ${code}: ${stderr}`)
  return stdout
}

/** Without the lines of requests that have just begun. */
export async function finalRecords(framework: BankFramework): Promise<AuditRecord[]> {
  const records = parseRecords(await playScenario(framework))
  return records.filter(({ stage }) => stage === undefined || stage === 'completed')
}

/** One act: who, action, targets, outcome and why. */
export type Act = readonly [who: string, action: string, targets: string, outcome: string, reason: string]

export function actOf({ user, action = '', target = [], outcome, reason = '' }: AuditRecord): Act {
  const name = user?.email || user?.id || ''
  const who = user?.authenticated ? name : `nobody ${name}`.trim()
  const client = user?.on_behalf_of?.id
  const targets = target.map(({ type, id }) => (id === undefined ? type : `${type} ${id}`)).join(', ')
  return [client === undefined ? who : `${who} for ${client}`, action, targets, outcome, reason]
}

const alice = 'alice@example.org'
const bob = 'bob@example.org'
const carol = 'carol@example.org'

/** What happens in the scenario, in the order of the records. The further acts of a request follow it. */
export const ACTS: readonly Act[] = [
  ['nobody', 'retrieve', 'Person 1', 'denied', 'sign in first'],
  ['nobody eve@example.org', 'login', 'User eve@example.org', 'denied', 'no such user'],
  [alice, 'login', 'User alice', 'success', ''],
  [bob, 'login', 'User bob', 'success', ''],
  [carol, 'login', 'User carol', 'success', ''],
  [alice, 'list', 'Person', 'success', ''],
  [alice, 'retrieve', 'Person 1', 'denied', 'not your client'],
  [alice, 'destroy', 'Person 1', 'denied', 'role reader may not delete'],
  [bob, 'retrieve', 'Person 1', 'success', ''],
  [bob, 'retrieve', 'Person 99', 'failure', 'no such person'],
  [bob, 'create', 'Person', 'failure', 'last_name is missing'],
  [bob, 'create', 'Person 4', 'success', ''],
  [bob, 'partial_update', 'Person 1', 'success', ''],
  [bob, 'partial_update', 'Person 2', 'denied', 'not your client'],
  [bob, 'export', 'Person 3', 'success', ''],
  [bob, 'transfer', 'Account A-100, Account A-300', 'success', ''],
  [bob, 'debit', 'Account A-100', 'success', ''],
  [bob, 'credit', 'Account A-300', 'success', ''],
  [bob, 'watch', 'Account A-300', 'unknown', ''],
  [bob, 'transfer', 'Account A-100, Account A-300', 'failure', 'insufficient funds'],
  [bob, 'transfer', 'Account A-200, Account A-100', 'denied', 'not your client'],
  [carol, 'start_impersonation', 'Person 1', 'success', ''],
  [`${carol} for 1`, 'transfer', 'Account A-100, Account A-200', 'success', ''],
  [`${carol} for 1`, 'debit', 'Account A-100', 'success', ''],
  [`${carol} for 1`, 'credit', 'Account A-200', 'success', ''],
  [`${carol} for 1`, 'stop_impersonation', '', 'success', ''],
  [carol, 'destroy', 'Person 1', 'failure', 'account A-100 is open'],
  [carol, 'destroy', 'Person 4', 'success', ''],
  [carol, 'report', '', 'failure', 'TypeError'],
  [bob, 'retrieve', 'Person 1', 'success', ''],
  [bob, 'close', 'Account A-100', 'failure', 'CONFLICT: the account is not empty'],
  [bob, 'close', 'Account A-301', 'success', ''],
  [alice, 'close', 'Account A-100', 'denied', 'FORBIDDEN: role reader may not change'],
  [`nobody ${alice}`, 'login', 'User alice', 'denied', 'wrong password'],
  [`nobody ${alice}`, 'login', 'User alice', 'denied', 'wrong password'],
  [`nobody ${alice}`, 'login', 'User alice', 'denied', 'wrong password'],
  [`nobody ${alice}`, 'login', 'User alice', 'denied', 'locked after too many failures'],
  ['nobody', 'request_password_reset', 'User alice', 'success', ''],
  ['nobody', 'complete_password_reset', 'User alice', 'success', ''],
  ['nobody', 'complete_password_reset', '', 'denied', 'this link is no longer valid'],
  [carol, 'logout', 'User carol', 'success', ''],
  ['nightly-job', 'close', 'Account A-302', 'success', ''],
]
