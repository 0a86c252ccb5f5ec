// Serves the bank with Koa until it is stopped.

import { explainBank } from './bank/explain.js'
import { createKoaBank } from './bank/koa-app.js'
import { listen } from './listen.js'

const { app } = await createKoaBank((email, token) => console.error(`Mail to ${email}: reset token ${token}`))
listen(app.callback())
explainBank()
