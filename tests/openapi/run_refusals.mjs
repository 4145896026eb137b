// Sends to every described operation what the description says is refused before the state is looked
// at, and judges the answers: to a daemon without tokens, and to one where nothing is open.
//   node run_refusals.mjs BIN_DIR DOCUMENT NODE_MODULES
import crypto from 'node:crypto';
import fs from 'node:fs';
import { Contract } from './contract.mjs';
import { Daemon } from './daemon.mjs';

const [binDir, documentPath, modules] = process.argv.slice(2);
const document = JSON.parse(fs.readFileSync(documentPath, 'utf8'));
const contract = new Contract(document, modules);
let count = 0;
let failures = 0;

// The default population exists; of what else a path names nothing does.
const IN_PATH = { population: 'default', resource: 'gpu_hours', sequence: '1', code: 'not_found' };

function* operations() {
  for (const [template, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const target = template.replace(/\{([^}]*)\}/g, (_, name) => IN_PATH[name] ?? 'nothing');
      const mutating = operation.parameters.some(({ name }) => name === 'dry_run');
      yield { template, operation, mutating, method: method.toUpperCase(), target };
    }
  }
}

async function expectRefusal(daemon, { operation, ...request }, status, code, change) {
  ++count;
  const sent = { ...request, ...change };
  const answer = await daemon.send(sent);
  const actual = answer.headers.some(([, value]) => value === 'application/problem+json')
    ? JSON.parse(answer.body).code : answer.body.slice(0, 80);
  const faults = contract.check({ ...sent, status: answer.status, answerHeaders: answer.headers,
    answer: answer.body });
  if (answer.status !== status || actual !== code) {
    faults.push(`is answered ${answer.status} ${actual}, not ${status} ${code}`);
  }
  if (faults.length === 0) return;
  ++failures;
  console.log(`${operation.operationId}: ${sent.method} ${sent.target} ${JSON.stringify(sent.headers)}`);
  for (const fault of faults) console.log(`  ${fault}`);
}

// What any request can be refused for. A body is sent in one piece, so that none is left unread.
async function refuseAny(daemon, each) {
  const body = { zz: 1 };
  const many = Object.fromEntries([...Array(64)].map((_, i) => [`X-${i}`, '1']));
  await expectRefusal(daemon, each, 421, 'misdirected', { headers: { Host: 'elsewhere.example' } });
  await expectRefusal(daemon, each, 405, 'method_not_allowed', { method: 'PUT' });
  await expectRefusal(daemon, each, 406, 'not_acceptable', { headers: { Accept: 'image/png' } });
  await expectRefusal(daemon, each, 415, 'unsupported_media_type',
    { headers: { 'Content-Type': 'text/xml' }, body });
  await expectRefusal(daemon, each, 417, 'malformed', { headers: { Expect: 'miracles' } });
  await expectRefusal(daemon, each, 431, 'malformed', { headers: many });
  // What the body lacks is named together with the parameter, and comes first.
  const lacks = each.operation.requestBody?.required && each.mutating;
  await expectRefusal(daemon, each, 400, lacks ? 'invalid_argument' : 'unknown_field',
    { target: `${each.target}?zz=1` });
  await expectRefusal(daemon, each, 400, 'invalid_argument', { headers: { 'If-Match': 'x' } });
  if (each.operation.requestBody !== undefined) {
    await expectRefusal(daemon, each, 400, 'unknown_field', { body });
  }
  if (each.template.includes('{population}')) {
    const target = each.target.replace('/default', '/nobody');
    await expectRefusal(daemon, each, 404, 'not_found', { target });
  }
}

async function refuseStrangers(daemon, each) {
  const anyToken = each.operation.security.some((way) => 'token' in way);
  await expectRefusal(daemon, each, 401, 'unauthenticated', {});
  if (anyToken) return;
  const headers = { Authorization: 'Bearer secret' };
  await expectRefusal(daemon, each, 403, 'forbidden', { headers });
}

const open = await Daemon.start(binDir);
for (const each of operations()) await refuseAny(open, each);
await open.stop();

const sha256 = crypto.createHash('sha256').update('secret').digest('hex');
const closed = await Daemon.start(binDir, `[server]
public_metrics = false
[[tokens]]
name = "nobody"
sha256 = "${sha256}"
scopes = ["debt:incur"]
`);
for (const each of operations()) await refuseStrangers(closed, each);
await closed.stop();

console.log(`${count} refusals asked for, ${failures} failures`);
process.exit(failures > 0 ? 1 : 0);
