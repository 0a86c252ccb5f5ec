import type { Detector, DetectorContext } from './detector.js'
import { matchAt } from './shared/match-at.js'
import { replaceParts } from './shared/replace-parts.js'
import { replaceValue, scanValue } from './shared/value-syntax.js'

/** A flag of any program: `--password geheim`, `-Password geheim`. Its value is the next word. */
const FLAG = /(?<![\w-])--?([A-Za-z][\w-]{1,60})[ \t]{1,3}(?=[^\s\-|&<>;])/g

interface Command {
  /** Names of the programs, as a pattern. */
  readonly program: string
  /** The part of the command in front of the secret, as a pattern. */
  readonly beforeSecret: string
  readonly source: string
}

const ARGUMENTS = String.raw`[^\r\n|;]{0,200}?[ \t]`
/** Numbers on both sides are the ids of a user and a group. */
const USER = String.raw`["']?(?!\d{1,9}:\d{1,9}(?:\s|$))[^\s"':]{1,100}:`

/** Programs whose secret has no sensitive name in front of it. */
const COMMANDS: readonly Command[] = [
  {
    program: 'curl',
    beforeSecret: String.raw`${ARGUMENTS}(?:-[uU][ \t]{0,3}|--(?:proxy-)?user[ \t=]{1,3})${USER}`,
    source: 'https://curl.se/docs/manpage.html#-u',
  },
  {
    program: 'curl',
    beforeSecret: String.raw`${ARGUMENTS}(?:-b|--cookie)[ \t=]{0,3}(?=["']?[^\s"'=]{1,100}=)`,
    source: 'https://curl.se/docs/manpage.html#-b',
  },
  {
    program: 'https?|xh',
    beforeSecret: String.raw`${ARGUMENTS}(?:-a|--auth)[ \t=]{1,3}${USER}`,
    source: 'https://httpie.io/docs/cli/basic-auth',
  },
  {
    program: 'mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|7z|7za|rar|unrar',
    beforeSecret: `${ARGUMENTS}-p(?=\\S)`,
    source: 'https://dev.mysql.com/doc/refman/8.4/en/connecting.html',
  },
  { program: 'sshpass', beforeSecret: '[ \\t]-p[ \\t]{0,3}', source: 'https://linux.die.net/man/1/sshpass' },
  {
    program: 'docker|podman|helm registry|az|oc|cf',
    beforeSecret: `${ARGUMENTS}login[ \\t](?:${ARGUMENTS})?-p[ \\t]{1,3}`,
    source: 'https://docs.docker.com/reference/cli/docker/login/',
  },
  {
    program: 'mongo|mongosh|mongodump|mongorestore|mongoimport|mongoexport',
    beforeSecret: `${ARGUMENTS}-p[ \\t]{1,3}`,
    source: 'https://www.mongodb.com/docs/database-tools/mongodump/',
  },
  {
    program: 'redis-cli|valkey-cli',
    beforeSecret: `${ARGUMENTS}-a[ \\t]{1,3}`,
    source: 'https://redis.io/docs/latest/develop/tools/cli/',
  },
  {
    program: 'ldapsearch|ldapmodify|ldapadd|ldapdelete|ldappasswd|ldapwhoami',
    beforeSecret: `${ARGUMENTS}-[ws][ \\t]{1,3}`,
    source: 'https://www.openldap.org/software/man.cgi?query=ldapsearch',
  },
  {
    program: 'smbclient|rpcclient|winexe',
    beforeSecret: `${ARGUMENTS}-U[ \\t]{0,3}["']?[^\\s"'%]{1,100}%`,
    source: 'https://www.samba.org/samba/docs/current/man-html/smbclient.1.html',
  },
  {
    program: 'net use',
    beforeSecret: String.raw`[ \t](?:[a-z*]:?[ \t]{1,3})?\\\\[^\s]{1,200}[ \t]{1,3}(?:/user:\S{1,100}[ \t]{1,3})?(?!/)`,
    source:
      'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-r2-and-2012/gg651155(v=ws.11)',
  },
  {
    program: 'net user',
    beforeSecret: String.raw`[ \t][^\s/]{1,100}[ \t]{1,3}(?![/*])`,
    source:
      'https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-r2-and-2012/cc771865(v=ws.11)',
  },
  {
    program: 'sqlcmd|bcp|osql',
    beforeSecret: `${ARGUMENTS}-P[ \\t]{0,3}(?=\\S)`,
    source: 'https://learn.microsoft.com/sql/tools/sqlcmd/sqlcmd-utility',
  },
  {
    program: 'zip',
    beforeSecret: '[ \\t]-P[ \\t]{1,3}',
    source: 'https://linux.die.net/man/1/zip',
  },
  {
    program: 'openssl',
    beforeSecret: String.raw`(?:${ARGUMENTS}-pass(?:in|out)?[ \t]{1,3}["']?pass:|[ \t]enc[ \t](?:${ARGUMENTS})?-k[ \t]{1,3})`,
    source: 'https://docs.openssl.org/master/man1/openssl-passphrase-options/',
  },
  {
    program: 'htpasswd',
    beforeSecret: String.raw`[ \t]-[a-zA-Z]{0,6}b[a-zA-Z]{0,6}[ \t]{1,3}\S{1,200}[ \t]{1,3}\S{1,100}[ \t]{1,3}`,
    source: 'https://httpd.apache.org/docs/current/programs/htpasswd.html',
  },
  {
    program: 'lftp',
    beforeSecret: `${ARGUMENTS}-u[ \\t]{1,3}[^\\s,]{1,100},`,
    source: 'https://lftp.yar.ru/lftp-man.html',
  },
  {
    program: 'ConvertTo-SecureString',
    beforeSecret: '[ \\t]{1,3}(?:-[a-z]{1,20}[ \\t]{1,3}){0,3}(?=["\'])',
    source:
      'https://learn.microsoft.com/powershell/module/microsoft.powershell.security/convertto-securestring',
  },
]
const PROGRAM = new RegExp(
  COMMANDS.map(({ program, beforeSecret }) => `(?<![\\w.-])(?:${program})${beforeSecret}`).join('|'),
  'gi',
)

export const commandLines: Detector = {
  id: 'command-lines',
  secret: 'Secrets among the arguments of a command: `--password ...`, `curl -u jan:...`, `mysql -p...`',
  reason: 'Errors of child processes quote the command with its arguments',
  visible: 'The program, the flags and the other arguments',
  sources: COMMANDS.map(({ source }) => source),
  examples: [
    ['tool --user jan --password geheim -v', 'tool --user jan --password [REDACTED] -v'],
    ['curl -s -u jan:geheim https://x', 'curl -s -u jan:[REDACTED] https://x'],
    ['mysql -u root -pgeheim app', 'mysql -u root -p[REDACTED] app'],
    ['mysql -u root -p app', 'mysql -u root -p app'],
    ['docker run -u 1000:1000 -p 80:80 nginx', 'docker run -u 1000:1000 -p 80:80 nginx'],
    ['tool --password-stdin --password --user jan', 'tool --password-stdin --password --user jan'],
  ],
  markers: [' -', 'net use', 'ConvertTo'],
  redact(text, context) {
    return redactCommands(redactFlags(text, context), context)
  },
}

function redactFlags(text: string, { sensitiveKeys, replacement }: DetectorContext): string {
  return replaceValues(text, FLAG, replacement, ({ 1: name }) => {
    return sensitiveKeys.isSensitive(name as string) && !/^no-/i.test(name as string)
  })
}

function redactCommands(text: string, { replacement }: DetectorContext): string {
  return replaceValues(text, PROGRAM, replacement, () => true)
}

function replaceValues(
  text: string,
  pattern: RegExp,
  replacement: string,
  accepts: (match: RegExpExecArray) => boolean,
): string {
  return replaceParts(text, pattern, (match) => {
    const start = match.index + match[0].length
    if (text.startsWith(replacement, start) || !accepts(match)) return undefined
    // The quote may stand in front of the user: `-u "jan:geheim"`.
    const quote = /["'](?=[^\s"']{1,100}[:]$)/.exec(match[0])?.[0]
    const value = quote === undefined ? scanValue(text, start) : scanUpTo(quote, text, start)
    return value && { start, end: value.end, replacement: replaceValue(value, replacement) }
  })
}

const UP_TO_QUOTE: Readonly<Record<string, RegExp>> = { '"': /[^"\r\n]*/y, "'": /[^'\r\n]*/y }

function scanUpTo(quote: string, text: string, start: number) {
  const content = matchAt(UP_TO_QUOTE[quote] as RegExp, text, start) ?? ''
  return { end: start + content.length, opening: '', closing: '', kind: 'quoted' } as const
}
