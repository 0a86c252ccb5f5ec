import { AuditLogError } from '../lib/errors.js'
import { type Command, EXIT_USAGE, type Terminal, UsageError } from './command.js'
import { keygen } from './commands/keygen.js'
import { prove } from './commands/prove.js'
import { verifyCommand } from './commands/verify.js'
import { printable } from './printable.js'

/** A new command is one file in commands/, and an entry here. */
const COMMANDS: readonly Command[] = [keygen, verifyCommand, prove]

/** Runs a command. @returns the exit code */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.stdout.write(describeCommands())
    return name === undefined ? EXIT_USAGE : 0
  }
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (command === undefined) {
    const known = COMMANDS.map((candidate) => candidate.name).join(', ')
    terminal.stderr.write(
      `Unknown command ${JSON.stringify(name)}. Commands: ${known}. Try http-audit-log --help\n`,
    )
    return EXIT_USAGE
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.stdout.write(command.help)
    return 0
  }
  try {
    return await command.run(rest, terminal)
  } catch (error) {
    // A bug must not exit with code 1, which means that a log was changed or is incomplete.
    const message =
      explain(error) ?? `unexpected error, please report it: ${(error as Error)?.stack ?? error}`
    terminal.stderr.write(`http-audit-log ${name}: ${printable(message)}\n`)
    return EXIT_USAGE
  }
}

/** `undefined` for an error that is a bug of this package. */
function explain(error: unknown): string | undefined {
  if (error instanceof UsageError || error instanceof AuditLogError) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  if (typeof code !== 'string') return undefined
  // `parseArgs` and the file system throw errors with a code.
  return code.startsWith('ERR_PARSE_ARGS') ? `${message}. Try --help` : message
}

function describeCommands(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length))
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: http-audit-log <command> [options]\n\nCommands:\n${lines.join('\n')}\n\nhttp-audit-log <command> --help shows the options of a command.\n`
}
