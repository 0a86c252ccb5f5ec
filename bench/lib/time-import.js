// `node time-import.js <import | require> <modules> <preloaded>`, both lists as JSON: prints how many milliseconds it takes
// to load the modules in a fresh process that has loaded only the preloaded ones.
import { createRequire } from 'node:module'

const [method, modules, preloaded] = process.argv.slice(2)
const load = method === 'require' ? createRequire(import.meta.url) : (name) => import(name)
for (const name of JSON.parse(preloaded)) await import(name)

const startedAt = performance.now()
for (const name of JSON.parse(modules)) await load(name)
console.log(performance.now() - startedAt)
