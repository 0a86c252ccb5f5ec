import { closeSync, existsSync, openSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { formatSignerKey, formatVerifierKey, generateSignerKey } from '../../evidence/note-keys.js'
import { type Command, UsageError } from '../command.js'

const HELP = `Usage: http-audit-log keygen --name NAME [--out FILE]

Creates the keys of a sealed log (Ed25519): a private key, with which the application signs, and a verifier key, with which
anybody can check the log.

  --name NAME   the name of the log, such as audit.example.org: no spaces, no "+"
  --out FILE    writes the private key to FILE (mode 0600) and the verifier key to FILE.pub. Existing files are not overwritten
  --json        prints JSON: { "private_key": ..., "verifier_key": ... }

Without --out both keys are printed, the private key first. Give the private key to the application only, as a secret of its
environment (option \`key\` of seal()): who has it can write another log. The verifier key is public. Give it to auditors yourself:
a key that is read from the machine of the log may have been replaced together with the log.

Examples:
  http-audit-log keygen --name audit.example.org --out signing.key
  AUDIT_SIGNING_KEY="$(cat signing.key)" node server.js
`

export const keygen: Command = {
  name: 'keygen',
  summary: 'create the keys of a sealed log',
  help: HELP,
  async run(args, { stdout, stderr }) {
    const { values } = parseArgs({
      args: [...args],
      options: { name: { type: 'string' }, out: { type: 'string' }, json: { type: 'boolean' } },
    })
    if (values.name === undefined) throw new UsageError('--name is missing, such as --name audit.example.org')
    const key = generateSignerKey(values.name)
    const privateKey = formatSignerKey(key)
    const verifierKey = formatVerifierKey(key)
    if (values.out !== undefined) {
      const existing = [values.out, `${values.out}.pub`].find((path) => existsSync(path))
      if (existing !== undefined)
        throw new UsageError(`${existing} exists already. Move it away, or choose another --out`)
      writeNewFile(values.out, `${privateKey}\n`, 0o600)
      writeNewFile(`${values.out}.pub`, `${verifierKey}\n`, 0o644)
      stderr.write(`The private key is in ${values.out}. Verifier key, also in ${values.out}.pub:\n`)
      stdout.write(values.json ? `${JSON.stringify({ verifier_key: verifierKey })}\n` : `${verifierKey}\n`)
    } else if (values.json) {
      stdout.write(`${JSON.stringify({ private_key: privateKey, verifier_key: verifierKey })}\n`)
    } else {
      stdout.write(`${privateKey}\n${verifierKey}\n`)
    }
    return 0
  },
}

/** A key that is overwritten is lost, and with it the way to go on with its log. */
function writeNewFile(path: string, content: string, mode: number): void {
  const descriptor = openSync(path, 'wx', mode)
  try {
    writeSync(descriptor, content)
  } finally {
    closeSync(descriptor)
  }
}
