// Pods that run: exec, attach, logs and port-forward over WebSockets.
import assert from 'node:assert/strict';
import { createServer, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { test, before } from 'node:test';
import * as k8s from '@kubernetes/client-node';
import { config, core, eventually, freshNamespace } from './cluster.js';

let namespace;

const isReady = (pod) => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');

async function run(name, container) {
  await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec: { terminationGracePeriodSeconds: 1, restartPolicy: 'Never', containers: [{ name: 'main', image: 'shell', ...container }] } } });
  return eventually(`pod ${name} to be ready`, () => core.readNamespacedPod({ namespace, name }), isReady, 60);
}

/** Everything that a stream gets. */
function collected() {
  const stream = new PassThrough();
  const chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

function exec(command, { stdin = null, tty = false } = {}) {
  const [out, err] = [collected(), collected()];
  return new Promise((resolve, reject) => {
    new k8s.Exec(config)
      .exec(namespace, 'web', 'main', command, out.stream, err.stream, stdin, tty, (status) => setImmediate(() => resolve({ status, out: out.text(), err: err.text() })))
      .catch(reject);
  });
}

before(async () => {
  namespace = await freshNamespace();
  await eventually('the account of the namespace', () => core.listNamespacedServiceAccount({ namespace }), (list) => list.items.length > 0);
  await run('web', { env: [{ name: 'COLOUR', value: 'blue' }] });
});

test('a command gives both its streams and how it ended', async () => {
  const well = await exec(['sh', '-c', 'echo $COLOUR; echo wrong >&2']);
  assert.deepEqual([well.status.status, well.out, well.err], ['Success', 'blue\n', 'wrong\n']);
  const failed = await exec(['sh', '-c', 'exit 7']);
  assert.equal(failed.status.status, 'Failure');
  assert.equal(failed.status.reason, 'NonZeroExitCode');
  assert.deepEqual(failed.status.details.causes, [{ reason: 'ExitCode', message: '7' }]);
});

test('a command reads what is typed, to its end', async () => {
  const stdin = new PassThrough();
  stdin.end('x'.repeat(100000));
  const counted = await exec(['wc', '-c'], { stdin });
  assert.equal(counted.out.trim(), '100000');
});

test('a command with a terminal has one output', async () => {
  const { status, out } = await exec(['sh', '-c', 'test -t 1 && echo terminal; echo also >&2'], { tty: true });
  assert.equal(status.status, 'Success');
  assert.equal(out, 'terminal\r\nalso\r\n');
});

test('attached, what is typed reaches the container, and its words come back', async () => {
  await run('asks', { stdin: true, command: ['/bin/sh', '-c', 'while read line; do echo "<$line>"; done'] });
  const out = collected();
  const stdin = new PassThrough();
  const socket = await new k8s.Attach(config).attach(namespace, 'asks', 'main', out.stream, null, stdin, false);
  stdin.write('hello\n');
  await eventually('its answer', async () => out.text(), (text) => text === '<hello>\n');
  socket.close();
});

test('a log is followed', async () => {
  await run('counts', { command: ['/bin/sh', '-c', 'for i in 1 2 3; do echo $i; sleep 0.3; done; exec sleep 1000'] });
  const out = collected();
  const log = await new k8s.Log(config).log(namespace, 'counts', 'main', out.stream, { follow: true });
  await eventually('three lines', async () => out.text(), (text) => text === '1\n2\n3\n');
  log.abort();
});

test('a connection is carried to a port of a pod, and what comes back is whole', async () => {
  const listen = 'use Socket; socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(7171, inet_aton($ENV{CAPSTAN_POD_IP}))) or die; listen(S, 5); while (accept(C, S)) { binmode C; while (sysread(C, my $b, 65536)) { syswrite(C, uc $b); } close C; }';
  await run('echo', { command: ['perl', '-e', listen], readinessProbe: { tcpSocket: { port: 7171 }, periodSeconds: 1 } });
  const forward = new k8s.PortForward(config);
  const server = createServer((socket) => forward.portForward(namespace, 'echo', [7171], socket, null, socket));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const client = connect(server.address().port, '127.0.0.1');
  const [sent, got] = ['abc'.repeat(20000), []];
  client.on('data', (chunk) => got.push(chunk));
  client.write(sent);
  await eventually('the answer', async () => Buffer.concat(got).length, (length) => length >= sent.length);
  assert.equal(Buffer.concat(got).toString(), sent.toUpperCase());
  client.destroy();
  server.close();
});
