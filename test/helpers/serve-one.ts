import { runScript } from './run-script.js'

/**
 * One request to a server in a process of its own, and what that says.
 *
 * @param setting source text: the options of `auditLog`, what stands above it, and what is done to a `request` before it
 */
export async function serveOne({
  options = '',
  above = '',
  prepare = '',
}: {
  readonly options?: string
  readonly above?: string
  readonly prepare?: string
}): Promise<{ records: unknown[]; complaints: string[] }> {
  const { stdout, stderr } = await runScript(`
    import http from 'node:http'
    import { auditLog } from './src/index.ts'
    ${above}
    const audit = auditLog(${options})
    const server = http.createServer((request, response) => {
      ${prepare}
      audit(request, response)
      response.end('hello')
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    await (await fetch('http://127.0.0.1:' + server.address().port)).text()
    server.close()
    server.closeAllConnections()
  `)
  const linesOf = (text: string) => text.split('\n').filter((line) => line !== '')
  return { records: linesOf(stdout).map((line) => JSON.parse(line)), complaints: linesOf(stderr) }
}
