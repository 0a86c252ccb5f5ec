import type { Employee } from './sign-in.js'

/** Who may sign in. The passwords are those of an example: a real application stores hashes. */
export const employees: readonly (Employee & { password: string })[] = [
  { id: 'alice', name: 'Alice', email: 'alice@example.org', role: 'reader', password: 'alice likes tea' },
  { id: 'bob', name: 'Bob', email: 'bob@example.org', role: 'editor', password: 'bob likes coffee' },
  { id: 'carol', name: 'Carol', email: 'carol@example.org', role: 'admin', password: 'carol likes milk' },
]
