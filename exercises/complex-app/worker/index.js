import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

import { createClient } from 'redis';

import { makeWorker } from './worker.js';

const client = createClient({ url: process.env.REDIS_URL ?? 'redis://redis:6379' });
client.on('error', (error) => console.error(`redis: ${error.message || error.code}`));
await client.connect();
const worker = makeWorker(client, hostname());

let stopping = false;
// Finishes the job in hand, then ends.
process.on('SIGTERM', () => {
  stopping = true;
  worker.stop();
});

console.log(`worker ${hostname()} waits for jobs`);
while (!stopping) {
  try {
    await worker.run();
  } catch (error) {
    console.error(`redis: ${error.message}`);
    await pause(1000);
  }
}
client.destroy();
