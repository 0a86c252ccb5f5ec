import { hostname } from 'node:os'

/** The field `host` of every record. The tests run in this package, whose name is that of no application: no `service`. */
export const HOST = { name: hostname() }
