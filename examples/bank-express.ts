// `npm start`: serves the bank with Express until it is stopped.

import { explainBank } from './bank/explain.js'
import { createExpressBank } from './bank/express-app.js'
import { listen } from './listen.js'

const { app } = createExpressBank((email, token) => console.error(`Mail to ${email}: reset token ${token}`))
listen(app)
explainBank()
