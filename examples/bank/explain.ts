/** Prints requests to try, on stderr, because stdout is for audit records. */
export function explainBank(): void {
  const url = `http://127.0.0.1:${process.env.PORT ?? 3000}`
  console.error(`
  curl --json '{"email":"bob@example.org","password":"bob likes coffee"}' ${url}/sessions
  curl -H "Authorization: Bearer $TOKEN" ${url}/persons
  curl -H "Authorization: Bearer $TOKEN" --json '{"from":"A-100","to":"A-300","amount":50}' ${url}/transfers
Audit records appear on stdout. Stop with Ctrl-C.
`)
}
