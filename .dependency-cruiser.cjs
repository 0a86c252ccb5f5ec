// The layers of src/: a folder may import itself and what stands further down this list, types included.
// The four folders in one row are siblings and never import each other. docs/design.md says what each is for.
const LAYERS = [
  ['adapters'],
  ['exchange'],
  ['logger'],
  ['pipeline'],
  ['options'],
  ['http', 'redact', 'formats', 'sinks'],
  ['record'],
  ['serialize'],
  ['lib'],
]

const inFolders = (folders) => `^src/(?:${folders.join('|')})/`

/** One rule a folder: it must not import its siblings, nor anything above. */
const layerRules = LAYERS.flatMap((layer, index) =>
  layer.map((folder) => {
    const forbidden = [...LAYERS.slice(0, index).flat(), ...layer.filter((other) => other !== folder)]
    return {
      name: `layer-${folder}`,
      comment: `src/${folder} may import only the layers below it`,
      severity: 'error',
      from: { path: inFolders([folder]) },
      to: { path: [...(forbidden.length > 0 ? [inFolders(forbidden)] : []), '^src/[^/]+\\.ts$'] },
    }
  }),
)

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'no-circular',
      comment: 'Two files that import each other cannot be understood or tested one at a time',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-undeclared-package',
      comment:
        'Users install only `dependencies` and, where they want it, the optional peer @opentelemetry/api',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'undetermined', 'unknown'],
        // Optional peers of which we use types, or which we look for at run time.
        pathNot: 'node_modules/(?:@opentelemetry/api|koa)/',
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
