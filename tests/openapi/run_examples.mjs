// Tells the story of the description's examples to a real daemon, and compares what it answers. On the
// way it plants faults into each request: what the schemas do not allow must be refused.
//   node run_examples.mjs BIN_DIR DOCUMENT NODE_MODULES
import fs from 'node:fs';
import { Contract } from './contract.mjs';
import { Daemon } from './daemon.mjs';

const [binDir, documentPath, modules] = process.argv.slice(2);
const document = JSON.parse(fs.readFileSync(documentPath, 'utf8'));
const contract = new Contract(document, modules);
let failures = 0;
let planted = 0;

function expect(condition, what, detail = '') {
  if (condition) return;
  ++failures;
  console.log(`${what}\n  ${detail}`);
}

// Every example of an answer, in the order of the story.
function* examples() {
  const all = [];
  for (const [template, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      for (const [status, response] of Object.entries(operation.responses)) {
        for (const content of Object.values(response.content ?? {})) {
          for (const [name, example] of Object.entries(content.examples ?? {})) {
            all.push({ template, method, operation, status: Number(status), name, example });
          }
        }
      }
    }
  }
  yield* all.sort((a, b) => a.example['x-step'] - b.example['x-step']);
}

// The request of an example, from the examples of the same name of parameters and body.
function requestOf({ template, method, operation, name }) {
  const values = { path: {}, query: {}, header: {} };
  for (const parameter of operation.parameters) {
    const value = parameter.examples?.[name]?.value;
    if (value !== undefined) values[parameter.in][parameter.name] = String(value);
  }
  const target = template.replace(/\{([^}]*)\}/g, (_, key) => encodeURIComponent(values.path[key]));
  const query = new URLSearchParams(values.query).toString();
  const body = operation.requestBody?.content['application/json'].examples?.[name]?.value;
  return { method: method.toUpperCase(), target: query ? `${target}?${query}` : target,
    headers: values.header, body };
}

// Where the two differ, members aside that vary; of a text the beginning counts.
function differences(expected, actual, varies, path = '') {
  const isObject = (value) => value !== null && typeof value === 'object';
  if (typeof expected === 'string' && typeof actual === 'string' && path === '') {
    return actual.startsWith(expected) ? [] : [`begins ${JSON.stringify(actual.slice(0, 200))}`];
  }
  if (!isObject(expected) || !isObject(actual)) {
    return expected === actual ? [] : [`${path}: ${JSON.stringify(actual)}`];
  }
  const found = [];
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const here = `${path}/${key}`;
    if (!(key in actual)) found.push(`${here} is missing`);
    else if (!(key in expected)) found.push(`${here} is more: ${JSON.stringify(actual[key])}`);
    else if (!varies.includes(key)) found.push(...differences(expected[key], actual[key], varies, here));
    else if (typeof expected[key] !== typeof actual[key]) found.push(`${here} is of another type`);
  }
  return found;
}

// Copies of a body, each with one fault that its schema does not allow: [what, body].
function* faultyBodies(schema, body) {
  const resolved = contract.resolve(schema);
  const set = (key, value) => ({ ...body, [key]: value });
  yield ['an unknown field', set('zz', 1)];
  for (const key of resolved.required ?? []) {
    const { [key]: _, ...rest } = body;
    yield [`without ${key}`, rest];
  }
  for (const [key, value] of Object.entries(body)) {
    yield [`null as ${key}`, set(key, null)];
    const property = contract.resolve(resolved.properties[key]);
    const ofTexts = property.pattern ?? property.enum ?? property.oneOf;
    const isTyped = ofTexts !== undefined && property.properties === undefined;
    if (property.minLength) yield [`"" as ${key}`, set(key, '')];
    if (isTyped && typeof value !== 'object') yield [`"\\u0001" as ${key}`, set(key, '\u0001')];
    if (property.type === 'boolean') yield [`a text as ${key}`, set(key, 'true')];
    if (property.type === 'integer') yield [`a fraction as ${key}`, set(key, 0.5)];
    if (property.type === 'string') yield [`a number as ${key}`, set(key, 7)];
    if (property.propertyNames) yield [`a bad name in ${key}`, set(key, { ...value, '\u0007': '1' })];
    if (property.maxProperties) {
      const many = Object.fromEntries([...Array(property.maxProperties + 1)].map((_, i) =>
        [`n${i}`, '1']));
      yield [`too many in ${key}`, set(key, many)];
    }
    if (property.minProperties) yield [`nothing in ${key}`, set(key, {})];
    if (property.minItems) yield [`nothing in ${key}`, set(key, [])];
    if (property.properties) {
      for (const [what, inner] of faultyBodies(property, value)) yield [`${key}: ${what}`, set(key, inner)];
    }
    const items = contract.resolve(property.items);
    if (items?.properties === undefined) continue;
    for (let i = 0; i < value.length; ++i) {
      for (const [what, inner] of faultyBodies(items, value[i])) {
        yield [`${key}[${i}]: ${what}`, set(key, value.with?.(i, inner) ??
          value.map((each, j) => (i === j ? inner : each)))];
      }
    }
  }
}

// A member of a plain batch is refused alone.
function isRefused(answer) {
  if (answer.status === 400) return true;
  const results = answer.status === 200 ? JSON.parse(answer.body).results : undefined;
  return results?.some(({ problem }) => problem?.status === 400) ?? false;
}

async function plantFaults(daemon, each, request) {
  const schema = each.operation.requestBody?.content['application/json'].schema;
  if (schema === undefined || request.body === undefined || each.status >= 300) return;
  const dry = each.operation.parameters.some(({ name }) => name === 'dry_run');
  // The clock has no dry run: what is refused moves nothing, and the story goes on.
  const target = !dry || request.target.includes('?') ? request.target
    : `${request.target}?dry_run=true`;
  const headers = { ...request.headers };
  delete headers['Idempotency-Key'];
  for (const [what, body] of faultyBodies(schema, request.body)) {
    ++planted;
    const allowed = contract.faultsOf(body, contract.bodyRef(each), 'request').length === 0;
    expect(!allowed, `${each.name}: the schema allows ${what}`, JSON.stringify(body));
    const answer = await daemon.send({ ...request, target, headers, body });
    expect(isRefused(answer), `${each.name}: the daemon takes ${what}`,
      `${JSON.stringify(body)}\n  ${answer.status} ${answer.body}`);
  }
}

async function tell(daemon, each) {
  const request = requestOf(each);
  await plantFaults(daemon, each, request);
  const answer = await daemon.send(request);
  const { value } = each.example;
  const what = `${each.example['x-step']} ${each.name}: ${request.method} ${request.target}`;
  expect(answer.status === each.status, `${what}: ${answer.status}`, answer.body);
  const actual = typeof value === 'string' ? answer.body : JSON.parse(answer.body);
  const different = differences(value, actual, each.example['x-varies'] ?? []);
  expect(different.length === 0, `${what}: answers otherwise`, different.join('\n  '));
  const exchange = { ...request, body: request.body && JSON.stringify(request.body),
    status: answer.status, answerHeaders: answer.headers, answer: answer.body };
  const faults = contract.check(exchange);
  // An example of a refusal may leave out what is required.
  expect(faults.length === 0, `${what}: not as described`, faults.join('\n  '));
  expect(contract.faultsOf(value, contract.answerRef(each), 'example').length === 0,
    `${what}: the example is not as its schema says`);
}

const daemon = await Daemon.start(binDir);
const served = await daemon.send({ method: 'GET', target: '/openapi.json' });
expect(served.body === fs.readFileSync(documentPath, 'utf8'), 'another daemon serves another document');
const told = new Set();
let count = 0;
for (const each of examples()) {
  ++count;
  expect(each.example['x-step'] === count, `step ${count} is missing`);
  told.add(each.operation.operationId);
  await tell(daemon, each);
}
await daemon.stop();
for (const operations of Object.values(document.paths)) {
  for (const { operationId, requestBody } of Object.values(operations)) {
    expect(told.has(operationId), `${operationId} has no example`);
    const bodies = requestBody?.content['application/json'];
    const needed = bodies !== undefined && requestBody.required;
    expect(!needed || Object.keys(bodies.examples).length > 0, `${operationId} has no example body`);
  }
}
console.log(`${count} examples told, ${planted} faults planted, ${failures} failures`);
process.exit(failures > 0 ? 1 : 0);
