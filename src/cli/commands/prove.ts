import { closeSync, openSync, writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { findExitCode } from '../../verify/findings.js'
import { type ProveResult, prove as proveRecords } from '../../verify/prove.js'
import { type Command, UsageError } from '../command.js'
import { parseConditions } from '../conditions.js'
import { createPaint, formatResult } from '../format-result.js'
import { printable, printableJson } from '../printable.js'
import { readVerifierKeys } from '../read-keys.js'

const HELP = `Usage: http-audit-log prove --key KEY --where CONDITION [--out BUNDLE] FILE...

Exports selected records of a sealed log as a bundle: each with a proof that it is in the log. The bundle can be checked with the
verifier key alone (http-audit-log verify --bundle), and shows nothing of the other records. It does not prove that all records
that meet the condition were selected.

  --key KEY           the verifier key of the log, or a file with one key in each line; may be repeated. Default: the environment
                      variable AUDIT_VERIFIER_KEY
  --where CONDITION   PATH=VALUE (equals) or PATH~VALUE (contains), such as user.id=jane; if repeated, all must be met
  --out BUNDLE        writes the bundle to a new file instead of stdout
  FILE...             all files of the log, because a proof needs the hashes of all records. Not stdin: the files are read twice

Exit codes:
  0  all selected records are in the bundle
  1  the log was changed or is incomplete
  2  the command is wrong, or its input cannot be read
  3  no record was selected, or some cannot be proven yet, because they come after the last checkpoint

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
      throw new UsageError('expected the files of the whole log, not stdin: they are read twice')
    if (values.where === undefined)
      throw new UsageError('--where is missing, such as --where audit.user.id=jane')
    const keys = readVerifierKeys(values.key ?? [], terminal.env)
    const where = parseConditions(values.where)
    // Not one that is there already: it may be the log.
    const descriptor = values.out === undefined ? undefined : openSync(values.out, 'wx', 0o600)
    const write = (line: string) =>
      descriptor === undefined
        ? void terminal.stdout.write(printableJson(line))
        : void writeSync(descriptor, line)
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
    ({ run, size, records }) =>
      `Run ${printable(run)}: ${records} proven by its checkpoint of ${size} records`,
  )
  lines.push(
    `Records exported: ${exported}${unproven > 0 ? `. Not exported, because they cannot be proven: ${unproven}` : ''}`,
  )
  return `${lines.join('\n')}\n`
}
