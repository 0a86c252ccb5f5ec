import { closeSync, openSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { findExitCode } from '../../verify/findings.js'
import { type ProveResult, prove as proveRecords } from '../../verify/prove.js'
import { type Command, UsageError } from '../command.js'
import { parseConditions } from '../conditions.js'
import { createPaint, formatResult } from '../format-result.js'
import { readVerifierKeys } from '../read-keys.js'

const HELP = `Usage: http-audit-log prove --key KEY --where CONDITION [--out BUNDLE] FILE...

Exports chosen records of a sealed log, each with a proof that it is in the log. Whoever gets the bundle can check it with the
verifier key alone (http-audit-log verify --bundle), and sees none of the other records. A bundle does not show what was left out.

  --key KEY           the verifier key of the log, or a file that has it; may be repeated. Or AUDIT_VERIFIER_KEY
  --where CONDITION   PATH=VALUE, or PATH~PART for a text that has the part; repeated, all must be met
  --out BUNDLE        writes the bundle to a new file instead of stdout
  FILE...             the whole log of these runs: a proof needs the hashes of all records. Not stdin, as it is read twice

Exit codes: 0 all chosen records are in the bundle; 1 something is wrong with the log; 2 the command or its input is wrong; 3 no
record was chosen, or some cannot be proven yet (they come after the last checkpoint).

Example:
  http-audit-log prove --key audit.pub --where audit.user.id=jane --out jane.ndjson /var/log/app/audit.log*
`

export const prove: Command = {
  name: 'prove',
  summary: 'export chosen records with proofs',
  help: HELP,
  async run(args, terminal) {
    const { values, positionals: files } = parseArgs({
      args: [...args],
      options: {
        key: { type: 'string', multiple: true },
        where: { type: 'string', multiple: true },
        out: { type: 'string' },
      },
      allowPositionals: true,
    })
    if (files.length === 0 || files.includes('-'))
      throw new UsageError('expected FILE... with the whole log, not stdin')
    if (values.where === undefined)
      throw new UsageError('--where is missing, such as --where audit.user.id=jane')
    const keys = readVerifierKeys(values.key ?? [], terminal.env)
    const where = parseConditions(values.where)
    // Not one that is there already: it may be the log.
    const descriptor = values.out === undefined ? undefined : openSync(values.out, 'wx', 0o600)
    const write = (line: string) =>
      descriptor === undefined ? void terminal.stdout.write(line) : void writeSync(descriptor, line)
    try {
      const result = await proveRecords({ keys, files, where, write })
      const code = findProveCode(result)
      terminal.stderr.write(describe(result))
      if (code === 1 || code === 2)
        terminal.stderr.write(
          formatResult(result.verification, createPaint({ ...terminal, stdout: terminal.stderr })),
        )
      return code
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  },
}

function findProveCode({ exported, unproven, verification }: ProveResult): number {
  const code = findExitCode(verification)
  if (code === 1 || code === 2) return code
  return exported === 0 || unproven > 0 ? 3 : 0
}

function describe({ exported, unproven, runs }: ProveResult): string {
  const lines = runs.map(
    ({ run, size, records }) => `${records} records of run ${run}, as of ${size} records in the log`,
  )
  lines.push(`${exported} records exported${unproven > 0 ? `, ${unproven} cannot be proven` : ''}`)
  return `${lines.join('\n')}\n`
}
