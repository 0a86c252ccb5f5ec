// The same as the main entry point, for those who want to see the framework in the import.
export * from './index.js'
