// Requests and answers: create, read, list, replace, the four patches, delete, and what is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as k8s from '@kubernetes/client-node';
import { config, core, custom, definitions, eventually, freshNamespace, patchAs, refusal } from './cluster.js';

test('an object is created, read, replaced and deleted', async () => {
  const namespace = await freshNamespace();
  const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { generateName: 'made-' }, data: { k: 'v' } } });
  assert.match(made.metadata.name, /^made-[a-z0-9]{5}$/);
  assert.ok(made.metadata.creationTimestamp instanceof Date);
  made.data.k = 'w';
  const replaced = await core.replaceNamespacedConfigMap({ namespace, name: made.metadata.name, body: made });
  assert.notEqual(replaced.metadata.resourceVersion, made.metadata.resourceVersion);
  const read = await core.readNamespacedConfigMap({ namespace, name: made.metadata.name });
  assert.deepEqual(read.data, { k: 'w' });
  assert.equal(read.metadata.uid, made.metadata.uid);
  const status = await core.deleteNamespacedConfigMap({ namespace, name: made.metadata.name });
  assert.equal(status.status, 'Success');
  assert.equal((await refusal(core.readNamespacedConfigMap({ namespace, name: made.metadata.name }))).code, 404);
});

test('lists are selected by labels and fields, and come in pages', async () => {
  const namespace = await freshNamespace();
  for (let i = 0; i < 12; i++) {
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: `c${i}`, labels: { parity: i % 2 ? 'odd' : 'even', [`n${i}`]: '' } } } });
  }
  const names = async (selection) => (await core.listNamespacedConfigMap({ namespace, ...selection })).items.map((c) => c.metadata.name).filter((n) => n !== 'kube-root-ca.crt');
  assert.equal((await names({ labelSelector: 'parity=odd' })).length, 6);
  assert.deepEqual(await names({ labelSelector: 'parity in (odd,none),!n1,!n3,!n5,!n7,!n9' }), ['c11']);
  assert.deepEqual(await names({ fieldSelector: 'metadata.name=c4' }), ['c4']);
  const seen = [];
  let _continue;
  let pages = 0;
  do {
    const page = await core.listNamespacedConfigMap({ namespace, labelSelector: 'parity', limit: 5, _continue });
    seen.push(...page.items.map((c) => c.metadata.name));
    _continue = page.metadata._continue;
    pages++;
  } while (_continue);
  assert.equal(pages, 3);
  assert.equal(new Set(seen).size, 12);
});

test('each kind of patch does what it says', async () => {
  const namespace = await freshNamespace();
  const apps = config.makeApiClient(k8s.AppsV1Api);
  const containers = (...names) => names.map((name) => ({ name, image: 'i:1' }));
  const body = { metadata: { name: 'd' }, spec: { replicas: 0, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: containers('one', 'two') } } } };
  await apps.createNamespacedDeployment({ namespace, body });
  const patch = (strategy, change, more = {}) => apps.patchNamespacedDeployment({ namespace, name: 'd', body: change, ...more }, patchAs(strategy));

  const json = await patch(k8s.PatchStrategy.JsonPatch, [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'i:2' }]);
  assert.equal(json.spec.template.spec.containers[0].image, 'i:2');
  const strategic = await patch(k8s.PatchStrategy.StrategicMergePatch, { spec: { template: { spec: { containers: [{ name: 'two', image: 'i:3' }] } } } });
  assert.deepEqual(strategic.spec.template.spec.containers.map((c) => c.image), ['i:2', 'i:3']);
  const merge = await patch(k8s.PatchStrategy.MergePatch, { spec: { template: { spec: { containers: containers('three') } } } });
  assert.deepEqual(merge.spec.template.spec.containers.map((c) => c.name), ['three']);

  const intent = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { template: { spec: { containers: [{ name: 'three', image: 'i:9' }] } } } };
  const conflict = await refusal(patch(k8s.PatchStrategy.ServerSideApply, intent, { fieldManager: 'applier' }));
  assert.equal(conflict.code, 409);
  assert.equal(conflict.status.details.causes[0].field, '.spec.template.spec.containers[name="three"].image');
  const applied = await patch(k8s.PatchStrategy.ServerSideApply, intent, { fieldManager: 'applier', force: true });
  assert.equal(applied.spec.template.spec.containers[0].image, 'i:9');
  assert.ok(applied.metadata.managedFields.some((m) => m.manager === 'applier' && m.operation === 'Apply'));
  const again = await patch(k8s.PatchStrategy.ServerSideApply, intent, { fieldManager: 'applier' });
  // Its controller writes the status meanwhile, which is another version, but no other generation.
  assert.equal(again.metadata.generation, applied.metadata.generation);
  const appliedAt = (deployment) => deployment.metadata.managedFields.find((m) => m.manager === 'applier').time.getTime();
  assert.equal(appliedAt(again), appliedAt(applied));
});

test('what is refused says why', async () => {
  const namespace = await freshNamespace();
  const body = { metadata: { name: 'twice' } };
  const made = await core.createNamespacedConfigMap({ namespace, body });
  const twice = await refusal(core.createNamespacedConfigMap({ namespace, body }));
  assert.deepEqual([twice.code, twice.status.reason, twice.status.details.name], [409, 'AlreadyExists', 'twice']);
  await core.replaceNamespacedConfigMap({ namespace, name: 'twice', body: { ...made, data: { a: '1' } } });
  const stale = await refusal(core.replaceNamespacedConfigMap({ namespace, name: 'twice', body: { ...made, data: { a: '2' } } }));
  assert.deepEqual([stale.code, stale.status.reason], [409, 'Conflict']);
  const missing = await refusal(core.deleteNamespacedConfigMap({ namespace, name: 'never' }));
  assert.deepEqual([missing.code, missing.status.reason, missing.status.details.kind], [404, 'NotFound', 'configmaps']);
  const invalid = await refusal(core.createNamespacedService({ namespace, body: { metadata: { name: 'UPPER' }, spec: { ports: [{ port: 0 }] } } }));
  assert.deepEqual([invalid.code, invalid.status.reason], [422, 'Invalid']);
  assert.ok(invalid.status.details.causes.some((c) => c.field === 'metadata.name'));
  const nowhere = await refusal(core.createNamespacedConfigMap({ namespace: 'no-such-namespace', body }));
  assert.equal(nowhere.code, 404);
});

test('a lease is held by one who updates it with its version', async () => {
  const namespace = await freshNamespace();
  const leases = config.makeApiClient(k8s.CoordinationV1Api);
  const lease = await leases.createNamespacedLease({ namespace, body: { metadata: { name: 'l' }, spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: new k8s.V1MicroTime() } } });
  const take = (holderIdentity) => leases.replaceNamespacedLease({ namespace, name: 'l', body: { ...lease, spec: { ...lease.spec, holderIdentity, renewTime: new k8s.V1MicroTime() } } });
  assert.equal((await take('b')).spec.holderIdentity, 'b');
  assert.equal((await refusal(take('c'))).code, 409);
});

test('a kind of one’s own is defined, served, validated and patched', async () => {
  const namespace = await freshNamespace();
  const group = `${namespace}.example.dev`;
  const schema = {
    type: 'object',
    properties: {
      spec: { type: 'object', required: ['size'], properties: { size: { type: 'integer', minimum: 1 }, colour: { type: 'string', _default: 'red' } } },
      status: { type: 'object', properties: { phase: { type: 'string' } } },
    },
  };
  await definitions.createCustomResourceDefinition({
    body: {
      metadata: { name: `boxes.${group}` },
      spec: { group, scope: 'Namespaced', names: { plural: 'boxes', kind: 'Box' }, versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: schema } }] },
    },
  });
  await eventually('the definition', () => definitions.readCustomResourceDefinition({ name: `boxes.${group}` }), (d) => d.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True'));
  const at = { group, version: 'v1', namespace, plural: 'boxes' };
  const box = (name, spec) => ({ apiVersion: `${group}/v1`, kind: 'Box', metadata: { name }, spec });
  const made = await custom.createNamespacedCustomObject({ ...at, body: box('b', { size: 2, unknown: true }) });
  assert.deepEqual(made.spec, { size: 2, colour: 'red' });
  const small = await refusal(custom.createNamespacedCustomObject({ ...at, body: box('s', { size: 0 }) }));
  assert.deepEqual([small.code, small.status.details.causes[0].field], [422, 'spec.size']);
  await custom.patchNamespacedCustomObject({ ...at, name: 'b', body: { spec: { size: 3 }, status: { phase: 'ignored' } } }, patchAs(k8s.PatchStrategy.MergePatch));
  await custom.patchNamespacedCustomObjectStatus({ ...at, name: 'b', body: [{ op: 'add', path: '/status', value: { phase: 'Ready' } }] }, patchAs(k8s.PatchStrategy.JsonPatch));
  const read = await custom.getNamespacedCustomObject({ ...at, name: 'b' });
  assert.deepEqual([read.spec.size, read.status.phase, read.metadata.generation], [3, 'Ready', 2]);
  assert.equal((await custom.listNamespacedCustomObject(at)).items.length, 1);

  // The client that finds paths by discovery, with a text as people write it.
  const any = k8s.KubernetesObjectApi.makeApiClient(config);
  const [text] = k8s.loadAllYaml(`apiVersion: ${group}/v1\nkind: Box\nmetadata: {name: y, namespace: ${namespace}}\nspec: {size: 7}\n`);
  await any.create(text);
  const applied = await any.patch({ ...text, spec: { size: 8 } }, undefined, undefined, 'applier', true, k8s.PatchStrategy.ServerSideApply);
  assert.equal(applied.spec.size, 8);
  await any.delete(text);
  await definitions.deleteCustomResourceDefinition({ name: `boxes.${group}` });
  await eventually('the kind to go', () => refusal(custom.listNamespacedCustomObject(at)).catch(() => ({ code: 200 })), (r) => r.code === 404);
});

test('a token of a ServiceAccount is reviewed, and lets its bearer in', async () => {
  const namespace = await freshNamespace();
  await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: 'robot' } } });
  const issued = await core.createNamespacedServiceAccountToken({ namespace, name: 'robot', body: { spec: { audiences: [], expirationSeconds: 600 } } });
  const reviews = config.makeApiClient(k8s.AuthenticationV1Api);
  const user = `system:serviceaccount:${namespace}:robot`;
  const good = await reviews.createTokenReview({ body: { spec: { token: issued.status.token } } });
  assert.deepEqual([good.status.authenticated, good.status.user.username], [true, user]);
  const bad = await reviews.createTokenReview({ body: { spec: { token: `${issued.status.token}x` } } });
  assert.ok(!bad.status.authenticated);
  const robot = new k8s.KubeConfig();
  robot.loadFromClusterAndUser(config.getCurrentCluster(), { name: 'robot', token: issued.status.token });
  const self = await robot.makeApiClient(k8s.AuthenticationV1Api).createSelfSubjectReview({ body: {} });
  assert.equal(self.status.userInfo.username, user);
  assert.equal((await refusal(robot.makeApiClient(k8s.CoreV1Api).listNamespacedSecret({ namespace }))).code, 403);
});
