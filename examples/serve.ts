// `npm start`: serves the persons API until it is stopped.
import { listen } from './listen.js'
import { createPersonsApi } from './persons.js'

listen(createPersonsApi())
console.error(`
  curl http://127.0.0.1:${process.env.PORT ?? 3000}/persons
  curl http://127.0.0.1:${process.env.PORT ?? 3000}/persons/1
  curl --json '{"last_name":"Bakker"}' http://127.0.0.1:${process.env.PORT ?? 3000}/persons
Audit records appear on stdout. Stop with Ctrl-C.
`)
