// The API's description as a judge of exchanges: what a request and its answer may look like, and
// nothing that the description does not say.
import { createRequire } from 'node:module';
import path from 'node:path';

// Headers that belong to HTTP, or that OpenAPI says elsewhere.
const OF_HTTP = new Set(['connection', 'content-length', 'content-type', 'transfer-encoding']);
const SCHEMAS = 'description#/components/schemas/';

export class Contract {
  // `modules`: the node_modules with ajv.
  constructor(document, modules) {
    const Ajv = createRequire(path.resolve(modules, 'x.js'))('ajv/dist/2020').default;
    this.document = document;
    this.ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    this.ajv.addSchema(document, 'description');
    this.routes = Object.keys(document.paths).map((template) => ({ template,
      pattern: new RegExp(`^${template.split(/(\{[^}]*\})/).map((part) => (part[0] === '{'
        ? '([^/:]+)' : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))).join('')}$`),
      names: [...template.matchAll(/\{([^}]*)\}/g)].map((match) => match[1]) }));
    this.seen = new Map();  // "operation status" -> how often
  }

  // {template, parameters, operations: by method} of a path; undefined when there is no such path.
  find(rawPath) {
    for (const { template, pattern, names } of this.routes) {
      const match = pattern.exec(rawPath);
      if (!match) continue;
      const parameters = {};
      names.forEach((name, i) => { parameters[name] = decode(match[i + 1]); });
      return { template, parameters, operations: this.document.paths[template] };
    }
    return undefined;
  }

  // What is wrong with a value, by the schema at a JSON pointer or of a name.
  faultsOf(value, schemaRef, what) {
    const validate = this.ajv.getSchema(schemaRef) ?? this.ajv.compile({ $ref: schemaRef });
    if (validate(value)) return [];
    return validate.errors.map((error) =>
      `${what}${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
  }

  resolve(object) {
    if (object === undefined || object.$ref === undefined) return object;
    return object.$ref.split('/').slice(1).reduce((at, key) => at[key], this.document);
  }

  // An exchange is {method, target, headers?, body?, status, answerHeaders: [[name, value]], answer}.
  // Returns what about it the description does not allow.
  check(exchange) {
    const [rawPath] = exchange.target.split('?');
    const found = this.find(rawPath);
    const method = exchange.method === 'HEAD' ? 'get' : exchange.method.toLowerCase();
    const problem = exchange.status === 404 || exchange.status === 421 ? parse(exchange.answer) : {};
    const noRoute = problem?.detail === 'there is no such route';
    if (found === undefined || noRoute) return this.checkStranger(exchange, noRoute);
    const operation = found.operations[method];
    if (operation === undefined) return this.checkMethod(exchange, found);
    this.count(operation.operationId, exchange.status);
    const pointer = `description#/paths/${escape(found.template)}/${method}`;
    const faults = this.checkAnswer(exchange, operation, pointer);
    if (exchange.status < 300) {
      faults.push(...this.checkRequest(exchange, operation, pointer, found.parameters));
    }
    return faults;
  }

  count(operation, status) {
    const key = `${operation} ${status}`;
    this.seen.set(key, (this.seen.get(key) ?? 0) + 1);
  }

  // A path that the description does not have: 404, or what comes before 404.
  checkStranger(exchange, noRoute) {
    const expected = noRoute ? [404] : [404, 400, 421, 503];
    const faults = expected.includes(exchange.status)
      ? [] : [`${exchange.status} of a path that is not described`];
    if (exchange.method === 'HEAD') return faults;
    return faults.concat(this.faultsOf(parse(exchange.answer), `${SCHEMAS}Problem`, 'answer'));
  }

  // A method that the path does not have: 405 as every operation of the path describes it.
  checkMethod(exchange, found) {
    const [method, any] = Object.entries(found.operations)[0];
    const pointer = `description#/paths/${escape(found.template)}/${method}`;
    const faults = this.checkAnswer(exchange, any, pointer);
    if (exchange.status === 421) return faults;
    if (exchange.status !== 405) return [...faults, `${exchange.status} of a method not described`];
    const methods = Object.keys(found.operations).flatMap((name) =>
      (name === 'get' ? ['GET', 'HEAD'] : [name.toUpperCase()]));
    const allow = exchange.answerHeaders.find(([name]) => name.toLowerCase() === 'allow');
    if (allow?.[1].split(', ').sort().join() !== methods.sort().join()) {
      faults.push(`Allow is ${allow?.[1]}, the description has ${methods}`);
    }
    return faults;
  }

  checkAnswer(exchange, operation, pointer) {
    const declared = operation.responses[exchange.status];
    if (declared === undefined) return [`status ${exchange.status} is not described`];
    const response = this.resolve(declared);
    const base = declared.$ref === undefined ? `${pointer}/responses/${exchange.status}`
      : `description${declared.$ref}`;
    const faults = this.checkHeaders(exchange, response);
    if (response.content === undefined || exchange.method === 'HEAD') return faults;
    const type = exchange.answerHeaders.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
    const media = (type ?? '').split(';')[0];
    if (response.content[media] === undefined) return [...faults, `Content-Type is ${type}`];
    const value = isJson(media) ? parse(exchange.answer) : exchange.answer;
    return faults.concat(
      this.faultsOf(value, `${base}/content/${escape(media)}/schema`, 'answer'));
  }

  checkHeaders(exchange, response) {
    const faults = [];
    const declared = new Map(Object.entries(response.headers ?? {}).map(([name, header]) =>
      [name.toLowerCase(), [name, this.resolve(header)]]));
    const names = exchange.answerHeaders.map(([name]) => name.toLowerCase());
    for (const [lower, [name, header]] of declared) {
      if (header.required && !names.includes(lower)) faults.push(`the header ${name} is missing`);
    }
    for (const [name, value] of exchange.answerHeaders) {
      const lower = name.toLowerCase();
      if (OF_HTTP.has(lower)) continue;
      if (!declared.has(lower)) {
        faults.push(`the header ${name} is not described`);
      } else {
        const ref = `description#/components/headers/${declared.get(lower)[0]}/schema`;
        faults.push(...this.faultsOf(value, ref, `${name} `));
      }
    }
    return faults;
  }

  // What was accepted must be as the description says that it is sent.
  checkRequest(exchange, operation, pointer, pathParameters) {
    const faults = [];
    const query = new URLSearchParams(exchange.target.split('?')[1] ?? '');
    const sent = { query: Object.fromEntries(query), path: pathParameters, header: {} };
    for (const [name, value] of Object.entries(exchange.headers ?? {})) {
      sent.header[name.toLowerCase()] = value;
    }
    const known = new Set();
    operation.parameters.forEach((parameter, i) => {
      const name = parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name;
      const text = sent[parameter.in][name];
      if (parameter.in === 'query') known.add(name);
      if (text === undefined && parameter.required) faults.push(`${name} was not sent`);
      // An X-Request-Id that is not printable is replaced, not refused.
      if (text === undefined || ['x-request-id', 'traceparent'].includes(name)) return;
      const value = ['integer', 'boolean'].includes(parameter.schema.type) ? parse(text) : text;
      faults.push(...this.faultsOf(value, `${pointer}/parameters/${i}/schema`, `${name} `));
    });
    for (const name of query.keys()) {
      if (!known.has(name)) faults.push(`the parameter ${name} is not described`);
    }
    const content = operation.requestBody?.content;
    if (content === undefined || exchange.body === undefined || exchange.body === '') return faults;
    const type = sent.header['content-type']?.split(';')[0].toLowerCase() ?? 'application/json';
    if (content[type] === undefined) return [...faults, `a request of ${type} is not described`];
    if (!isJson(type)) return faults;  // bytes have no schema
    const ref = this.bodyRef({ template: this.find(exchange.target.split('?')[0]).template,
      method: exchange.method.toLowerCase() });
    // In a plain batch each member stands for itself: one that was refused may be anything.
    const results = parse(exchange.answer)?.results ?? [];
    const refused = (fault) => {
      const member = /^request\/operations\/(\d+)/.exec(fault);
      return member !== null && results[member[1]]?.problem !== undefined;
    };
    return faults.concat(this.faultsOf(parse(exchange.body), ref, 'request')
      .filter((fault) => !refused(fault)));
  }

  // The schemas of an operation's request and answer: {template, method, status}.
  bodyRef({ template, method }) {
    return `description#/paths/${escape(template)}/${method}/requestBody/content/` +
      'application~1json/schema';
  }

  answerRef({ template, method, operation, status }) {
    const media = Object.keys(operation.responses[status].content)[0];
    return `description#/paths/${escape(template)}/${method}/responses/${status}/content/` +
      `${escape(media)}/schema`;
  }

  // "operation status" of all that is described.
  described() {
    return Object.values(this.document.paths).flatMap((operations) =>
      Object.values(operations).flatMap((operation) =>
        Object.keys(operation.responses).map((status) => `${operation.operationId} ${status}`)));
  }
}

// As part of a JSON pointer in the fragment of a URI.
function escape(key) {
  return encodeURIComponent(key.replace(/~/g, '~0').replace(/\//g, '~1'));
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Lines of JSON are a text.
function isJson(type) {
  return type === 'application/json' || type.endsWith('+json');
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
