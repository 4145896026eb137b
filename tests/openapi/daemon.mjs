// The real purserd on a directory of its own, a free port and a test clock, and requests to it.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

// The moment at which the examples begin.
const CLOCK = '2026-11-22T12:00:00Z';

export class Daemon {
  // `config`: the text of a configuration, if any.
  static start(binDir, config) {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'purser-openapi-'));
    const configPath = path.join(directory, 'purser.toml');
    const args = ['serve', '--listen', '127.0.0.1:0', '--data-dir', path.join(directory, 'data'),
      '--test-clock', CLOCK, '--quiet'];
    if (config !== undefined) {
      fs.writeFileSync(configPath, config);
      args.push('--config', configPath);
    }
    const child = spawn(path.join(binDir, 'purserd'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
    return new Promise((resolve, reject) => {
      let said = '';
      child.stdout.on('data', (bytes) => {
        said += bytes;
        const port = /listening on http:\/\/127\.0\.0\.1:(\d+)\n/.exec(said);
        if (port) resolve(new Daemon(child, directory, Number(port[1])));
      });
      child.on('exit', (code) => reject(new Error(`purserd ended with ${code} before it listened`)));
    });
  }

  constructor(child, directory, port) {
    this.child = child;
    this.directory = directory;
    this.port = port;
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  }

  // {status, headers: [[name, value]], body}; `body` of the request is a value of JSON, or undefined.
  send({ method, target, headers = {}, body }) {
    const text = body === undefined ? '' : JSON.stringify(body);
    const all = { ...headers, 'Content-Length': Buffer.byteLength(text) };
    if (text !== '') all['Content-Type'] ??= 'application/json';
    const options = { host: '127.0.0.1', port: this.port, method, path: target, headers: all,
      agent: this.agent };
    return new Promise((resolve, reject) => {
      const request = http.request(options, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => {
          const pairs = [];
          for (let i = 0; i < answer.rawHeaders.length; i += 2) {
            pairs.push([answer.rawHeaders[i], answer.rawHeaders[i + 1]]);
          }
          resolve({ status: answer.statusCode, headers: pairs,
            body: Buffer.concat(chunks).toString('utf8') });
        });
      });
      request.on('error', reject);
      request.end(text);
    });
  }

  stop() {
    this.agent.destroy();
    return new Promise((resolve) => {
      this.child.removeAllListeners('exit');
      this.child.on('exit', () => {
        fs.rmSync(this.directory, { recursive: true });
        resolve();
      });
      this.child.kill('SIGTERM');
    });
  }
}
