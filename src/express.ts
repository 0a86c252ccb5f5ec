// The same as the main entry point, under a name that shows the framework.
export * from './index.js'
