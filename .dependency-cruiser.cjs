// The rule of layers: a folder of src/ may import itself and the layers below it, types included.
const { LAYERS } = require('./scripts/layers.cjs')

const inFolders = (folders) => `^src/(?:${folders.join('|')})/`
const NOT_SHIPPED = '^(?:bench|deploy|examples|scripts|test)/'

/** One rule per folder: whatever is in this repository and neither in the folder nor below it is forbidden. */
const layerRules = LAYERS.flatMap((layer, index) =>
  layer.map((folder) => ({
    name: `layer-${folder}`,
    comment: `src/${folder} may import only the layers below it`,
    severity: 'error',
    from: { path: inFolders([folder]) },
    to: { path: ['^src/', NOT_SHIPPED], pathNot: inFolders([folder, ...LAYERS.slice(index + 1).flat()]) },
  })),
)

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'http-observes',
      comment: 'http/ without http/node/ observes responses, and does not depend on what holds them back',
      severity: 'error',
      from: { path: '^src/http/', pathNot: '^src/http/node/' },
      to: { path: '^src/http/node/' },
    },
    {
      name: 'layer-missing',
      comment: 'A new folder of src/ needs its place in scripts/layers.cjs',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: inFolders(LAYERS.flat()) },
      to: {},
    },
    {
      name: 'entry-points',
      comment: 'What is not shipped cannot be imported',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: NOT_SHIPPED },
    },
    {
      name: 'no-circular',
      comment: 'Two files that import each other cannot be understood or tested one at a time',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-undeclared-package',
      comment: 'Users install only `dependencies`',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'undetermined', 'unknown'],
        // Only types of it are used.
        pathNot: 'node_modules/koa/',
      },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Types count: a type that points upwards ties two layers together as much as a call does.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
}
