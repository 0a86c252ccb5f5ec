// Tables in texts, with a secret in a column or beside its name, and tables without a secret.
import type { TextCase } from './text-values.js'

export const TABLES: readonly TextCase[] = [
  ['CSV', (s) => `\ncity,password\nDelft,${s}\n`],
  ['CSV with the sensitive column first', (s) => `\npassword,city\n${s},Delft\n`],
  ['CSV with quotes', (s) => `\ncity;"api key";nr\n"De;lft";"a;${s}";2`],
  ['CSV with blanks', (s) => `\nid, city, password\n1, Delft, ${s}`],
  ['CSV of names and values', (s) => `\nkey,value\ncity,Delft\npassword,${s}`],
  ['CSV of names and values without a head', (s) => `\npassword,${s}\ncity,Delft`],
  ['values separated by tabs', (s) => `\ncity\tpassword\nDelft\t${s}\n`],
  ['Markdown', (s) => `\n| id | token |\n|----|:-----:|\n| 1 | ${s} |\n`],
  ['Markdown with names in rows', (s) => `\n| name | value |\n|---|---|\n| password | ${s} |`],
  ['rows of names and values', (s) => `\n| password | ${s} |\n| city | Delft |`],
  ['psql', (s) => `\n id | password \n----+----------\n  1 | ${s}\n(1 row)`],
  ['MySQL', (s) => `\n+----+-------+\n| id | token |\n+----+-------+\n|  1 | ${s} |\n+----+-------+`],
  ['PowerShell', (s) => `\nName      Value\n----      -----\nCity      Delft\nPassword  ${s}\n`],
  ['sqlcmd', (s) => `\nid          password\n----------- --------\n          1 ${s}\n`],
]

export const HARMLESS_TABLES: readonly string[] = [
  'city,price\nDelft,12\nGouda,13',
  'Enter your name, and your password\nHere, or there',
  'name,token_type\na,Bearer',
  'id,password\n1,null\n2,',
  'Password\n--------\nChoose a long one',
  'echo password | tee log\ncat log | wc',
  '| id | city |\n|----|------|\n| 1 | Delft |',
  'password, token or key?\nNone, of course',
]
