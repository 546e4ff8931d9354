import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { app } from './index.js';

let server;
let url;

before(async () => {
  server = app.listen(0);
  await new Promise((listening) => server.once('listening', listening));
  url = `http://127.0.0.1:${server.address().port}`;
});

after(() => server.close());

test('says hello', async () => {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  assert.equal(await response.text(), 'Hi there');
});

test('knows no other page', async () => {
  const response = await fetch(`${url}/elsewhere`);
  assert.equal(response.status, 404);
});
