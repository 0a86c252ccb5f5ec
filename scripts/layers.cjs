// The layers of src/, from the top: a folder may import itself and the layers below it. Folders in one row are siblings
// and never import each other. docs/design.md describes each folder.
exports.LAYERS = [
  ['adapters', 'cli'],
  ['exchange'],
  ['logger'],
  ['pipeline'],
  ['options'],
  ['seal'],
  ['http', 'redact', 'formats', 'sinks', 'verify'],
  ['record'],
  ['evidence'],
  ['serialize'],
  ['lib'],
]
