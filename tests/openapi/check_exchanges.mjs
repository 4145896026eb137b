// Judges what the end-to-end tests exchanged with the daemon by the API's description.
//   node check_exchanges.mjs DOCUMENT EXCHANGES NODE_MODULES
// A line of EXCHANGES is {method, target, headers, body, status, head, answer}; texts in base64.
import fs from 'node:fs';
import readline from 'node:readline';
import { Contract } from './contract.mjs';

const EXCHANGES_MIN = 500;  // fewer are no proof
const FAULTS_SHOWN = 40;

const [documentPath, exchangesPath, modules] = process.argv.slice(2);
const contract = new Contract(JSON.parse(fs.readFileSync(documentPath, 'utf8')), modules);
const text = (base64) => Buffer.from(base64, 'base64').toString('utf8');

function read(line) {
  const { method, target, headers, body, status, head, answer } = JSON.parse(line);
  const answerHeaders = text(head).split('\r\n').slice(1).map((each) => {
    const colon = each.indexOf(': ');
    return [each.slice(0, colon), each.slice(colon + 2)];
  });
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) =>
    [name, text(value)]));
  return { method, target: text(target), headers: named, body: text(body), status, answerHeaders,
    answer: text(answer) };
}

// The same fault of a thousand exchanges is told once.
const told = new Set();
function tell(exchange, faults) {
  const fresh = faults.filter((fault) => !told.has(fault.replace(/\d+/g, '#')));
  for (const fault of fresh) told.add(fault.replace(/\d+/g, '#'));
  if (fresh.length === 0 || told.size > FAULTS_SHOWN) return;
  console.log(`${exchange.method} ${exchange.target} -> ${exchange.status}`);
  for (const fault of fresh) console.log(`  ${fault}`);
  console.log(`  ${exchange.answer.slice(0, 300).trimEnd()}`);
}

let count = 0;
let bad = 0;
for await (const line of readline.createInterface({ input: fs.createReadStream(exchangesPath) })) {
  const exchange = read(line);
  ++count;
  const faults = contract.check(exchange);
  if (faults.length === 0) continue;
  ++bad;
  tell(exchange, faults);
}
const described = contract.described();
const unseen = described.filter((each) => !contract.seen.has(each));
console.log(`${count} exchanges, ${bad} that the description does not allow; ` +
  `of ${described.length} described answers ${described.length - unseen.length} were seen`);
if (process.env.PURSER_SHOW_UNSEEN) console.log(`unseen: ${unseen.join(', ')}`);
if (count < EXCHANGES_MIN) console.log(`fewer than ${EXCHANGES_MIN} exchanges: are they recorded?`);
process.exit(bad > 0 || count < EXCHANGES_MIN ? 1 : 0);
