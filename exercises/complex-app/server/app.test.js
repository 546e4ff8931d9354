import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';

import { makeApp, parseIndex } from './app.js';
import { redisQueue } from './queue.js';
import { postgresRows } from './rows.js';

const servers = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function serve(rows, queue) {
  const server = makeApp(rows, queue).listen(0);
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return async (path, body) => {
    const options = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const response = await fetch(url + path, options);
    return [response.status, await response.json()];
  };
}

function memory() {
  const kept = [];
  const jobs = [];
  const rows = { add: async (n) => kept.push(n), all: async () => kept, check: async () => 1 };
  const queue = { add: async (n) => jobs.push(n), values: async () => ({}), check: async () => 1 };
  return { kept, jobs, rows, queue };
}

test('takes whole numbers from 0 to 40', () => {
  assert.deepEqual([0, '7', ' 40 ', 40].map(parseIndex), [0, 7, 40, 40]);
  for (const wrong of [-1, 41, 1.5, '', 'x', '1e1', '0x1', '<script>', null, undefined, [3], {}, 1e9]) {
    assert.equal(parseIndex(wrong), null, String(wrong));
  }
});

test('writes a row and queues a job', async () => {
  const { kept, jobs, rows, queue } = memory();
  const ask = await serve(rows, queue);
  assert.deepEqual(await ask('/values', '{"index":"7"}'), [202, { index: 7 }]);
  assert.deepEqual([kept, jobs], [[7], [7]]);
  assert.deepEqual(await ask('/values/all'), [200, [7]]);
});

test('refuses what is no index, and keeps nothing of it', async () => {
  const { kept, jobs, rows, queue } = memory();
  const ask = await serve(rows, queue);
  for (const body of ['{"index":-1}', '{"index":"<script>"}', '{}', 'null']) {
    const [status] = await ask('/values', body);
    assert.ok(status === 422 || status === 400, body);
  }
  assert.equal((await ask('/values', '{"index":'))[0], 400);
  assert.deepEqual([kept, jobs], [[], []]);
});

test('says so when the database is down', async () => {
  const { queue } = memory();
  const down = async () => Promise.reject(new Error('connect ECONNREFUSED'));
  const ask = await serve({ add: down, all: down, check: down }, queue);
  assert.equal((await ask('/values', '{"index":3}'))[0], 503);
  assert.deepEqual(await ask('/health'), [503, { postgres: 'connect ECONNREFUSED', redis: 'ok' }]);
});

const real = process.env.PGHOST && process.env.REDIS_URL;
test('works with a real PostgreSQL and Redis', { skip: !real && 'no PGHOST and REDIS_URL' }, async (t) => {
  const rows = postgresRows();
  const queue = redisQueue(process.env.REDIS_URL);
  t.after(() => Promise.all([rows.close(), queue.close()]));
  await queue.connect();
  const ask = await serve(rows, queue);
  assert.deepEqual(await ask('/health'), [200, { postgres: 'ok', redis: 'ok' }]);
  assert.equal((await ask('/values', '{"index":9}'))[0], 202);
  assert.ok((await ask('/values/all'))[1].includes(9));
  assert.ok('9' in (await ask('/values/current'))[1]);
});
