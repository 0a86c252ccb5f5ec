import type { Application } from './application.js'
import { connectApplication } from './connect.js'
import { expressApplications } from './express.js'
import { koaApplications } from './koa.js'
import { nodeHttp } from './node-http.js'

export const applications: readonly Application[] = [
  nodeHttp,
  connectApplication,
  ...expressApplications,
  ...koaApplications,
]
