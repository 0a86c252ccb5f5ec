import { listOf } from '../../list-of.js'
import type { ContextRule } from './context-rule.js'

/** Keys that hold the name of a field. */
const LABELS = [
  ...listOf(`
    name, key, field, header, param, parameter, path, property, label, attribute, column, field name,
    column name, key name, param name, parameter name, header name, property name, attribute name,
    variable name, var name, env name, input name, option name, setting name, friendly name, display name,
    cookie name, claim name, arg name, argument name, field id, attr, prop, variable, var, env, env var,
    setting, option, claim, arg, argument, parameter key, output key, config key, property key, field key,
    field path, json path, instance path, data path, pointer, data index, selector, selectors, locator,
    element, lhs, left, operand1, question, prompt, identifier, target, accessor, control, control name,
    form control name, loc
  `),
  // XML as JSON.
  ...listOf('@name, @key, @_name, @_key'),
]

/** Keys that hold the content of an element of XML, as parsers write it into JSON. */
const XML_CONTENTS = ['#text', '_text', '$t', '_']

/** Keys that hold the value of a field. */
const VALUES = [
  ...['value', 'values', 'val', 'vals', 'v', 'input'],
  ...[
    'string value',
    'raw value',
    'new value',
    'old value',
    'current value',
    'initial value',
    'value string',
  ],
  ...['parameter value', 'output value', 'option value', 'setting value', 'attribute value', 'field value'],
  ...['input value', 'header value', 'property value', 'param value', 'config value', 'search value'],
  ...['default', 'default value', 'example', 'previous value', 'literal', 'answer'],
  ...['operand', 'operand2', 'rhs', 'right', 'eq', 'equals', 'arg value', 'argument value', 'variable value'],
  ...XML_CONTENTS,
]

/** Objects that hold the name of a field under one key and its value under another. */
export const LABEL_RULES: readonly ContextRule[] = [
  {
    id: 'named-field',
    reason:
      'Forms, HAR files, cloud settings, query builders and validators write a field as its name and its value, so the name of the secret is a value itself',
    sources: [
      'http://www.softwareishard.com/blog/har-12-spec/#params',
      'https://www.rfc-editor.org/rfc/rfc6902#section-4',
      'https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html',
      'https://ajv.js.org/api.html#error-objects',
    ],
    keys: VALUES,
    besideNameIn: LABELS,
    examples: [
      { object: { name: 'password', value: 'S' }, hidden: ['value'] },
      { object: { fieldname: 'password', value: 'S' }, hidden: ['value'] },
      { object: { attr: 'userPassword', val: 'S' }, hidden: ['val'] },
      { object: { key: 'token', operator: 'eq', value: 'S' }, hidden: ['value'] },
      { object: { property: 'token', op: '=', val: 'S' }, hidden: ['val'] },
      { object: { column: 'password_hash', operand: 'S' }, hidden: ['operand'] },
      { object: { Name: 'db-password', Value: 'S' }, hidden: ['Value'] },
      { object: { ParameterKey: 'DbPassword', ParameterValue: 'S' }, hidden: ['ParameterValue'] },
      { object: { OptionName: 'API_TOKEN', Value: 'S' }, hidden: ['Value'] },
      { object: { op: 'replace', path: '/user/password', value: 'S' }, hidden: ['value'] },
      { object: { path: ['body', 'password', 0], input: 'S' }, hidden: ['input'] },
      { object: { in: 'header', name: 'X-Api-Key', example: 'S' }, hidden: ['example'] },
      { object: { selectors: ['#password'], value: 'S' }, hidden: ['value'] },
      { object: { question: 'What is your password?', answer: 'S' }, hidden: ['answer'] },
      { object: { name: { kind: 'Name', value: 'password' }, value: 'S' }, hidden: ['value'] },
      { object: { '@name': 'password', '#text': 'S' }, hidden: ['#text'] },
      { object: { '@name': 'city', '#text': 'Delft' }, hidden: [] },
      { object: { name: 'city', value: 'Delft' }, hidden: [] },
      { object: { name: 'author', default: 'Jansen', example: 'De Vries' }, hidden: [] },
      { object: { key: 'status', operator: 'eq', value: 'open' }, hidden: [] },
      { object: { question: 'Where is Delft?', answer: 'South Holland' }, hidden: [] },
    ],
  },
  {
    id: 'received-value',
    reason: 'Validators report the value that they received, and some the name of its type',
    sources: ['https://github.com/colinhacks/zod/blob/v3.24.1/ERROR_HANDLING.md'],
    keys: ['received', 'actual'],
    besideNameIn: LABELS,
    value: (text) =>
      !/^(?:undefined|null|string|number|nan|boolean|bigint|date|array|object|function)$/.test(text),
    examples: [
      { object: { path: ['password'], received: 'S' }, hidden: ['received'] },
      { object: { path: ['password'], expected: 'string', received: 'undefined' }, hidden: [] },
    ],
  },
  {
    id: 'changed-field',
    reason: 'Audit trails and change feeds write a changed field with its old and its new value',
    sources: ['https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/'],
    keys: listOf(`
      before, after, old, new, from, to, previous, current, prev, original, from string, to string, old string,
      new string, before value, after value
    `),
    besideNameIn: listOf(`
      name, field, property, column, attribute, field name, column name, key, path, attr, prop, param,
      parameter, setting, variable, col
    `),
    examples: [
      { object: { prop: 'password', before: 'S', after: 'S' }, hidden: ['before', 'after'] },
      { object: { attr: 'city', old: 'Delft', new: 'Gouda' }, hidden: [] },
      { object: { field: 'password', from: 'S', to: 'S' }, hidden: ['from', 'to'] },
      { object: { property: 'pin', before: 'S', after: 'S' }, hidden: ['before', 'after'] },
      { object: { field: 'city', from: 'Delft', to: 'Gouda' }, hidden: [] },
      { object: { from: 'Delft', to: 'Gouda' }, hidden: [] },
    ],
  },
  {
    id: 'abbreviated-field',
    reason: 'Compact formats abbreviate name and value',
    sources: ['https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query'],
    keys: ['v', 'val', 'value'],
    besideNameIn: ['k', 'n', 'f', 'p', 'a'],
    examples: [
      { object: { k: 'password', v: 'S' }, hidden: ['v'] },
      { object: { n: 'token', v: 'S' }, hidden: ['v'] },
      { object: { k: 'city', v: 'Delft' }, hidden: [] },
    ],
  },
  {
    id: 'identified-field',
    reason:
      'Form builders identify a field by its id or title. Fewer keys are values here, because ids and titles name much else',
    sources: ['https://api.slack.com/reference/messaging/attachments#field_objects'],
    keys: ['value', 'values', 'val', 'default value'],
    besideNameIn: ['id', 'title', 'caption', 'placeholder', 'field ref', 'slug', 'alias', 'html for'],
    examples: [
      { object: { id: 'pin', value: 1, text: 'a' }, hidden: ['value'] },
      { object: { title: 'API token', value: 'S', short: true }, hidden: ['value'] },
      { object: { id: 7, value: 'Delft' }, hidden: [] },
      { object: { id: 'password', text: 'Your password' }, hidden: [] },
      { object: { title: 'The secret', text: 'A novel', content: 'Once' }, hidden: [] },
    ],
  },
  {
    id: 'named-text',
    reason:
      'Under the name or the title of a secret stands the secret, unless it is prose: a text with spaces, or a word without digits',
    sources: ['https://adaptivecards.io/explorer/Fact.html'],
    keys: ['text', 'content', 'data', 'response', 'description', 'body', 'subtitle'],
    besideNameIn: [...LABELS, 'title', 'caption', 'heading', 'type', 'kind'],
    value: (text) => /^(?=.*\d)(?=.*[a-z])\S{8,200}$/i.test(text),
    examples: [
      { object: { title: 'API key', description: 'a1b2c3d4' }, hidden: ['description'] },
      { object: { name: 'password', text: 'a1b2c3d4' }, hidden: ['text'] },
      { object: { name: 'Secret', text: 'A novel', content: 'Chapter one' }, hidden: [] },
      { object: { title: 'The secret', text: 'A novel of 2026', body: 'Unputdownable' }, hidden: [] },
      { object: { title: 'Delft', text: 'postcode2611' }, hidden: [] },
    ],
  },
  {
    id: 'named-element',
    reason: 'Parsers of XML put the attributes of an element into an object beside its content',
    sources: ['https://github.com/Leonidas-from-XIV/node-xml2js#options'],
    keys: ['value', 'text', 'content', ...XML_CONTENTS],
    besideNameIn: ['$', 'attributes', '_attributes', '@attributes', 'attrs'],
    examples: [
      { object: { $: { name: 'password' }, _: 'S' }, hidden: ['_'] },
      { object: { attributes: { name: 'password' }, value: 'S' }, hidden: ['value'] },
      { object: { $: { name: 'city' }, _: 'Delft' }, hidden: [] },
      { object: { attributes: { name: 'The author' }, text: 'A novel' }, hidden: [] },
    ],
  },
  {
    id: 'children-of-element',
    reason: 'A tree of elements has the text of an element among its children',
    sources: ['https://github.com/syntax-tree/hast#element'],
    keys: ['children'],
    besideNameIn: ['attributes', 'attrs'],
    value: (text) => text.trim() !== '',
    examples: [
      { object: { attributes: { name: 'password' }, children: ['S'] }, hidden: ['children'] },
      { object: { attributes: { name: 'password' }, children: [{ tag: 'b' }] }, hidden: [] },
      { object: { attributes: { name: 'city' }, children: ['Delft'] }, hidden: [] },
    ],
  },
  {
    id: 'typed-field',
    reason:
      'The description of an input or a setting says by its type that the value is a password or a token',
    sources: [
      'https://html.spec.whatwg.org/multipage/input.html#password-state-(type=password)',
      'https://spec.openapis.org/oas/v3.0.3#data-types',
      'https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html',
      'https://ldapjs.org/client.html#modify',
    ],
    keys: listOf('value, values, val, vals, default, default value, example'),
    besideNameIn: ['type', 'format', 'input type', 'field type', 'kind', 'value type', 'data type', 'widget'],
    // The tokens of a parser have a position, and may be punctuation.
    unlessBeside: ['line', 'column', 'col', 'start', 'end', 'offset', 'pos', 'position', 'range'],
    value: (text) => /[\p{L}\p{N}]/u.test(text),
    examples: [
      { object: { type: 'password', value: 'S' }, hidden: ['value'] },
      { object: { key: 'host', type: 'secret', value: 'S' }, hidden: ['value'] },
      { object: { type: 'string', format: 'password', example: 'S' }, hidden: ['example'] },
      { object: { type: 'userPassword', vals: ['S'] }, hidden: ['vals'] },
      { object: { type: 'text', value: 'Delft' }, hidden: [] },
      { object: { type: 'token', value: 'if', line: 3 }, hidden: [] },
      { object: { type: 'token', value: '(' }, hidden: [] },
      { object: { type: 'string', format: 'date', example: '2026-11-24' }, hidden: [] },
    ],
  },
  {
    id: 'secure-parameter',
    reason:
      'AWS Systems Manager encrypts a parameter of the type SecureString, and shows it decrypted on request',
    sources: ['https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Parameter.html'],
    keys: ['value'],
    besideText: { key: 'type', matches: /^secure_?string$/i },
    examples: [
      { object: { Name: '/app/db', Type: 'SecureString', Value: 'S' }, hidden: ['Value'] },
      { object: { Name: '/app/db', Type: 'String', Value: 'db.example.org' }, hidden: [] },
    ],
  },
  {
    id: 'flagged-field',
    reason: 'Terraform outputs, CI variables and settings of pipelines flag a value as secret',
    sources: [
      'https://developer.hashicorp.com/terraform/internals/json-format',
      'https://docs.gitlab.com/api/project_level_variables/',
      'https://learn.microsoft.com/azure/devops/pipelines/process/set-secret-variables',
    ],
    keys: ['value', 'values', 'val', 'default', 'default value'],
    besideTrue: [
      'sensitive',
      'is sensitive',
      'secret',
      'is secret',
      'masked',
      'is masked',
      'secure',
      'confidential',
    ],
    examples: [
      { object: { sensitive: true, type: 'string', value: 'S' }, hidden: ['value'] },
      { object: { value: 'S', isSecret: true }, hidden: ['value'] },
      { object: { key: 'HOST', value: 'S', masked: 'true' }, hidden: ['value'] },
      { object: { sensitive: false, type: 'string', value: 'Delft' }, hidden: [] },
    ],
  },
  {
    id: 'searched-field',
    reason: 'A full-text query has the names of the fields in one key and the searched text in another',
    sources: ['https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-multi-match-query'],
    keys: ['query'],
    besideNameIn: ['fields', 'default field', 'field', 'path'],
    examples: [
      { object: { field: 'api_key', query: 'S' }, hidden: ['query'] },
      { object: { path: '/persons', query: 'Delft' }, hidden: [] },
      { object: { query: 'S', fields: ['name', 'password^2'] }, hidden: ['query'] },
      { object: { query: 'Delft', fields: ['name', 'city'] }, hidden: [] },
    ],
  },
  {
    id: 'kubernetes-secret',
    reason: 'The data of a Secret are secrets, whatever their keys are; base64 is no protection',
    sources: ['https://kubernetes.io/docs/concepts/configuration/secret/'],
    keys: ['data', 'string data'],
    besideText: { key: 'kind', matches: /^Secret$/ },
    examples: [
      { object: { kind: 'Secret', metadata: {}, data: { 'a.conf': 'S' } }, hidden: ['data'] },
      { object: { kind: 'Secret', stringData: { 'a.conf': 'S' } }, hidden: ['stringData'] },
      { object: { kind: 'ConfigMap', data: { 'a.conf': 'x' } }, hidden: [] },
    ],
  },
]
