import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';

import { makeApp } from './app.js';
import { redisStore } from './store.js';

const servers = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function serve(store, exit) {
  const server = makeApp(store, exit).listen(0);
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

function counter() {
  let visits = 0;
  return { ready: () => true, count: async () => ++visits };
}

async function text(url) {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

test('counts', async () => {
  const url = await serve(counter());
  assert.deepEqual(await text(url), [200, 'Number of visits 1']);
  assert.deepEqual(await text(url), [200, 'Number of visits 2']);
});

test('says so when the counter is out of order', async () => {
  const url = await serve({ ready: () => false, count: async () => Promise.reject(new Error('no')) });
  assert.deepEqual(await text(url), [503, 'The counter is out of order']);
  assert.deepEqual(await text(`${url}/health`), [503, 'no redis']);
});

test('ends with the code that is asked for, and with no other', async () => {
  const codes = [];
  const url = await serve(counter(), (code) => codes.push(code));
  assert.deepEqual(await text(`${url}/crash/3`), [200, 'Goodbye: exit 3']);
  for (const wrong of ['256', '-1', '1.5', 'x', '<script>']) {
    const [status] = await text(`${url}/crash/${encodeURIComponent(wrong)}`);
    assert.equal(status, 400);
  }
  assert.deepEqual(codes, [3]);
});

test('counts in a real Redis', { skip: !process.env.REDIS_URL && 'no REDIS_URL' }, async (t) => {
  const store = redisStore(process.env.REDIS_URL);
  t.after(() => store.close());
  await store.connect();
  const url = await serve(store);
  const number = async () => Number((await text(url))[1].match(/\d+$/)[0]);
  assert.equal((await number()) + 1, await number());
});
