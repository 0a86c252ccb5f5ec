// `node time-loading.js <import | require> <what> <what is there already>`, each list as JSON: says how many milliseconds
// it takes to load one after the other, in a process that has loaded nothing else.
import { createRequire } from 'node:module'

const [by, what, before] = process.argv.slice(2)
const load = by === 'require' ? createRequire(import.meta.url) : (name) => import(name)
for (const name of JSON.parse(before)) await import(name)

const begin = performance.now()
for (const name of JSON.parse(what)) await load(name)
console.log(performance.now() - begin)
