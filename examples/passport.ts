// The user is read at the end of the request, when Passport has set `req.user`, so nothing needs to be configured.
import express from 'express'
import session from 'express-session'
import { auditLog } from 'http-audit-log'
import passport from 'passport'
import { Strategy } from 'passport-local'
import { listen } from './listen.js'

const alice = { id: 7, email: 'alice@example.org', roles: ['reader'], provider: 'local' }
passport.use(
  new Strategy((name, password, done) => done(null, name === 'alice' && password === 'open' && alice)),
)
passport.serializeUser((_user, done) => done(null, alice.id))
passport.deserializeUser((_id, done) => done(null, alice))

const app = express()
app.use(auditLog())
app.use(session({ secret: 'an example', resave: false, saveUninitialized: false }))
app.use(passport.session())

app.post('/login', express.urlencoded(), passport.authenticate('local'), (req, res) => {
  req.audit.info('Logged in')
  res.json({ welcome: true })
})
app.get('/me', (req, res) => {
  res.json({ user: req.user ?? null })
})

listen(app)
