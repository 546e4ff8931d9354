import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createClient } from 'redis';

import { fib } from './fib.js';
import { makeWorker } from './worker.js';

test('knows the first numbers', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 10].map(fib), [0, 1, 1, 2, 3, 5, 55]);
});

// Keys of their own: a real worker may be at the others.
const keys = { jobs: 'test-jobs', values: 'test-values', done: 'test-done', group: 'test-workers' };
const skip = !process.env.REDIS_URL && 'no REDIS_URL';

async function connected(t) {
  const client = createClient({ url: process.env.REDIS_URL });
  await client.connect();
  t.after(() => client.destroy());
  return client;
}

async function until(found) {
  for (let tries = 0; tries < 100; tries += 1) {
    const value = await found();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('waited 5 s');
}

test('writes the value of a job', { skip }, async (t) => {
  const [client, own] = [await connected(t), await connected(t)];
  await client.hDel(keys.values, '10');
  await client.xAdd(keys.jobs, '*', { number: '10', request: 'test' });
  const worker = makeWorker(own, 'one', { keys, wait: 50 });
  const running = worker.run();
  const value = JSON.parse(await until(() => client.hGet(keys.values, '10')));
  assert.deepEqual(value, { value: 55, worker: 'one' });
  worker.stop();
  await running;
});

test('does again what a dead worker left', { skip }, async (t) => {
  const [client, own] = [await connected(t), await connected(t)];
  await client.hDel(keys.values, '11');
  await client.xGroupCreate(keys.jobs, keys.group, '0', { MKSTREAM: true }).catch(() => {});
  await client.xAdd(keys.jobs, '*', { number: '11', request: 'test' });
  // The dead one read its job and never said that it was done.
  await client.xReadGroup(keys.group, 'dead', { key: keys.jobs, id: '>' }, { COUNT: 1 });
  const worker = makeWorker(own, 'two', { keys, patience: 100, wait: 50 });
  const running = worker.run();
  const value = JSON.parse(await until(() => client.hGet(keys.values, '11')));
  assert.deepEqual(value, { value: 89, worker: 'two' });
  worker.stop();
  await running;
});
