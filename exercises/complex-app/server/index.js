import { makeApp } from './app.js';
import { serveLive } from './live.js';
import { redisQueue } from './queue.js';
import { postgresRows } from './rows.js';

const PORT = 5000;
const rows = postgresRows();
const queue = redisQueue(process.env.REDIS_URL ?? 'redis://redis:6379');

const server = makeApp(rows, queue).listen(PORT, () => {
  console.log(`listening on port ${PORT}`);
});
// Retries by itself until Redis is there; until then the API says that it is not.
queue.connect().then(() => serveLive(server, queue));

// As process 1 in a container, Node gets no default action for SIGTERM: say what to do.
process.on('SIGTERM', () => process.exit(0));
