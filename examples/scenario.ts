// Plays a day at the bank: `npx tsx examples/scenario.ts express` or `koa`. Three employees and a nightly job send about thirty
// requests to a server in this process; the audit records are on stdout. It ends by itself.
import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { Client } from './bank/client.js'
import { createExpressBank } from './bank/express-app.js'
import { createKoaBank } from './bank/koa-app.js'
import { runNightlyJob } from './bank/nightly-job.js'

const mails: string[] = []
const keepMail = (_email: string, token: string) => void mails.push(token)

const { audit, bank, handler } = await createBank(process.argv[2] ?? 'express')
const server = createServer(handler).listen(0, '127.0.0.1')
await once(server, 'listening')
const nobody = new Client(server)

await nobody.send('Nobody is signed in', 'GET /persons/1')
await nobody.send('An unknown user', 'POST /sessions', { email: 'eve@example.org', password: 'guess' })
const alice = await signIn('alice@example.org', 'alice likes tea')
const bob = await signIn('bob@example.org', 'bob likes coffee')
const carol = await signIn('carol@example.org', 'carol likes milk')

await alice.send('A reader lists persons', 'GET /persons?last_name=Jansen')
await alice.send('A reader may not read the client of a colleague', 'GET /persons/1')
await alice.send('A reader may not delete', 'DELETE /persons/1')
await bob.send('An editor reads a client', 'GET /persons/1')
await bob.send('A person who does not exist', 'GET /persons/99')
await bob.send('A person without a name', 'POST /persons', { email: 'mulder@example.org' })
await bob.send('A new person', 'POST /persons', { last_name: 'Mulder', email: 'mulder@example.org' })
await bob.send('A new address', 'PATCH /persons/1', { email: 'jansen-new@example.org' })
await bob.send('Not his client', 'PATCH /persons/2', { email: 'mine@example.org' })
await bob.send('An export', 'GET /persons/3/export')

await watch('An editor watches an account while money arrives', bob, 'GET /accounts/A-300/events', () =>
  bob.send('A transfer', 'POST /transfers', transfer('A-100', 'A-300', 200)),
)
await bob.send('A transfer of too much', 'POST /transfers', transfer('A-100', 'A-300', 100_000))
await bob.send(
  'A transfer from the account of another client',
  'POST /transfers',
  transfer('A-200', 'A-100', 1),
)

await carol.send('An admin starts to act as a client', 'POST /impersonations', { person: 1 })
await carol.send('She transfers on behalf of the client', 'POST /transfers', transfer('A-100', 'A-200', 50))
await carol.send('She stops', 'DELETE /impersonations/current')
await carol.send('A person who still has an account', 'DELETE /persons/1')
await carol.send('A person without accounts', 'DELETE /persons/4')
await carol.send('An unexpected error', 'GET /report')

const query = (operation: string) => ({ query: operation })
await bob.send('GraphQL: a query', 'POST /graphql', query('query ReadPerson { person(id: 1) { last_name } }'))
await bob.send(
  'GraphQL: a mutation that fails',
  'POST /graphql',
  query('mutation Close { closeAccount(id: "A-100") { id } }'),
)
await bob.send(
  'GraphQL: a mutation',
  'POST /graphql',
  query('mutation Close { closeAccount(id: "A-301") { id } }'),
)
await alice.send(
  'GraphQL: a mutation that is refused',
  'POST /graphql',
  query('mutation Close { closeAccount(id: "A-100") { id } }'),
)

for (let attempt = 1; attempt <= 4; attempt++) await signIn('alice@example.org', `guess ${attempt}`)
await nobody.send('A forgotten password', 'POST /password-resets', { email: 'alice@example.org' })
const reset = { token: mails.at(-1), password: 'alice likes cocoa' }
await nobody.send('A new password', 'POST /password-resets/completed', reset)
await nobody.send('The same link again', 'POST /password-resets/completed', reset)
await carol.send('An admin signs out', 'DELETE /sessions/current')
await nobody.send('A health check leaves no record', 'GET /health')

console.error('\n# The nightly job')
runNightlyJob(bank, audit.logger)

server.close()
await audit.close()

async function createBank(framework: string) {
  const options = { stages: ['received', 'started'] } as const
  if (framework === 'koa') {
    const { app, ...others } = await createKoaBank(keepMail, options)
    return { handler: app.callback() as RequestListener, ...others }
  }
  const { app, ...others } = createExpressBank(keepMail, options)
  return { handler: app as RequestListener, ...others }
}

async function signIn(email: string, password: string): Promise<Client> {
  const { token } = await nobody.send(`Sign in as ${email}`, 'POST /sessions', { email, password })
  return new Client(server, token)
}

function transfer(from: string, to: string, amount: number) {
  return { from, to, amount, case_number: `2026/${amount}` }
}

/** Opens a stream, waits for its first event, does something meanwhile, and leaves. */
async function watch(title: string, client: Client, request: string, meanwhile: () => Promise<unknown>) {
  const controller = new AbortController()
  const arrival = once(server, 'request') as Promise<[unknown, ServerResponse]>
  const stream = await client.fetch(title, request, undefined, controller.signal)
  const [, response] = await arrival
  const reader = stream.body?.getReader()
  await reader?.read()
  await meanwhile()
  await reader?.read()
  controller.abort()
  await once(response, 'close')
}
