// What the tests share: clients of the cluster that KUBECONFIG names, a fresh namespace, and waiting.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import * as k8s from '@kubernetes/client-node';

export const config = new k8s.KubeConfig();
config.loadFromFile(process.env.KUBECONFIG);

export const core = config.makeApiClient(k8s.CoreV1Api);
export const custom = config.makeApiClient(k8s.CustomObjectsApi);
export const definitions = config.makeApiClient(k8s.ApiextensionsV1Api);

/** A namespace that is there for one test. */
export async function freshNamespace() {
  const name = `node-${randomBytes(4).toString('hex')}`;
  await core.createNamespace({ body: { metadata: { name } } });
  return name;
}

/** Reads until what was read holds; tells what was seen last. */
export async function eventually(what, read, holds, seconds = 30) {
  const deadline = Date.now() + seconds * 1000;
  let seen;
  while (Date.now() < deadline) {
    seen = await read();
    if (holds(seen)) return seen;
    await pause(25);
  }
  throw new Error(`waited ${seconds} s for ${what}; last seen: ${JSON.stringify(seen)}`);
}

/** The code and the Status of a call that must fail. */
export async function refusal(call) {
  try {
    await call;
  } catch (error) {
    if (error.code === undefined) throw error;
    return { code: error.code, status: parsed(error.body) };
  }
  throw new Error('the call should have failed');
}

// A group that nobody serves is told in plain text.
function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** The options that make a patch one of this kind. */
export const patchAs = (strategy) => k8s.setHeaderOptions('Content-Type', strategy);
