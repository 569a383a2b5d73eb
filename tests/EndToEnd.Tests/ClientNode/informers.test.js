// The client's informer: what it sees, and what it survives.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as k8s from '@kubernetes/client-node';
import { config, core, eventually, freshNamespace } from './cluster.js';

/** A line to the server that can be cut. */
class Wire {
  constructor() {
    this.sockets = new Set();
    this.open = true;
    const { hostname, port } = new URL(config.getCurrentCluster().server);
    this.proxy = net.createServer((near) => {
      if (!this.open) return near.destroy();
      const far = net.connect(port, hostname);
      for (const [from, to] of [[near, far], [far, near]]) {
        this.sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => (this.sockets.delete(from), to.destroy()));
        from.pipe(to);
      }
    });
  }

  async config() {
    await new Promise((listening) => this.proxy.listen(0, '127.0.0.1', listening));
    const through = new k8s.KubeConfig();
    through.loadFromClusterAndUser({ ...config.getCurrentCluster(), server: `https://127.0.0.1:${this.proxy.address().port}` }, config.getCurrentUser());
    return through;
  }

  cut() {
    this.open = false;
    for (const socket of this.sockets) socket.destroy();
  }

  mend() {
    this.open = true;
  }

  close() {
    this.cut();
    this.proxy.close();
  }
}

/** An informer as the client's documentation has it: started again after an error. */
function informer(through, namespace, labelSelector) {
  const client = through.makeApiClient(k8s.CoreV1Api);
  const seen = { add: [], update: [], delete: [], connect: 0, error: 0 };
  const made = k8s.makeInformer(through, `/api/v1/namespaces/${namespace}/configmaps`, () => client.listNamespacedConfigMap({ namespace, labelSelector }), labelSelector);
  for (const verb of ['add', 'update', 'delete']) made.on(verb, (object) => seen[verb].push(object.metadata.name));
  made.on('connect', () => seen.connect++);
  made.on('error', async () => {
    seen.error++;
    await pause(50);
    if (!seen.over) await made.start();
  });
  const stop = async () => {
    seen.over = true;
    await made.stop();
  };
  return { informer: made, seen, stop };
}

const labels = { kept: 'yes' };
const create = (namespace, name, data) => core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels }, data } });
const change = (namespace, name, data, more = {}) => core.replaceNamespacedConfigMap({ namespace, name, body: { metadata: { name, labels, ...more }, data } });
const names = (made, namespace) => made.informer.list(namespace).map((c) => c.metadata.name).sort();
const holds = (made, namespace, ...wanted) =>
  eventually(`the informer to hold ${wanted}`, () => names(made, namespace), (have) => have.join() === wanted.sort().join());

test('it sees what is there, comes, changes, goes, and leaves its selector', async () => {
  const namespace = await freshNamespace();
  await create(namespace, 'before');
  const made = informer(config, namespace, 'kept=yes');
  await made.informer.start();
  await holds(made, namespace, 'before');
  await create(namespace, 'after', { k: '1' });
  await holds(made, namespace, 'before', 'after');
  await change(namespace, 'after', { k: '2' });
  await eventually('the change', () => made.informer.get('after', namespace)?.data, (data) => data?.k === '2');
  await core.deleteNamespacedConfigMap({ namespace, name: 'before' });
  await holds(made, namespace, 'after');
  await change(namespace, 'after', { k: '3' }, { labels: { kept: 'no' } });
  await holds(made, namespace);
  assert.deepEqual([made.seen.add, made.seen.update, made.seen.delete, made.seen.error], [['before', 'after'], ['after'], ['before', 'after'], 0]);
  await made.stop();
});

test('it survives a connection that is cut, and misses nothing', async () => {
  const namespace = await freshNamespace();
  const wire = new Wire();
  const made = informer(await wire.config(), namespace, 'kept=yes');
  await made.informer.start();
  await create(namespace, 'one');
  await holds(made, namespace, 'one');
  for (const round of [1, 2, 3]) {
    wire.cut();
    await create(namespace, `during-${round}`);
    await change(namespace, 'one', { round: `${round}` });
    await pause(100);
    wire.mend();
    await eventually(`round ${round}`, () => [made.informer.get('one', namespace)?.data?.round, names(made, namespace).length], (have) => have[0] === `${round}` && have[1] === round + 1);
  }
  assert.ok(made.seen.error > 0);
  await made.stop();
  wire.close();
});

test('it survives that its version is too old', async () => {
  const namespace = await freshNamespace();
  const wire = new Wire();
  const made = informer(await wire.config(), namespace, 'kept=yes');
  await made.informer.start();
  await create(namespace, 'goes');
  await create(namespace, 'stays');
  await holds(made, namespace, 'goes', 'stays');
  const connected = made.seen.connect;
  wire.cut();
  await core.deleteNamespacedConfigMap({ namespace, name: 'goes' });
  await create(namespace, 'new');

  // More changes than the server remembers: CHANGES says how many that is.
  for (let i = 0; i < Number(process.env.CHANGES); i++) await change(namespace, 'stays', { i: `${i}` });
  wire.mend();
  await holds(made, namespace, 'stays', 'new');
  assert.deepEqual(made.seen.delete, ['goes']);
  assert.ok(made.seen.connect > connected);
  await made.stop();
  wire.close();
});
