// The older majors are installed under a name of their own; for what the tests use of them the types are the same.
declare module 'express-4' {
  import express from 'express'
  export default express
}
declare module 'koa-2' {
  import Koa from 'koa'
  export default Koa
}
