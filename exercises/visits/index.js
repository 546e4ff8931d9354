import { makeApp } from './app.js';
import { redisStore } from './store.js';

const PORT = 8081;
const store = redisStore(process.env.REDIS_URL ?? 'redis://redis-server:6379');

// Retries by itself until the server is there; the page works from then on.
store.connect();
const server = makeApp(store).listen(PORT, () => {
  console.log(`listening on port ${PORT}`);
});

// As process 1 in a container, Node gets no default action for SIGTERM: say what to do.
process.on('SIGTERM', () => {
  server.close();
  store.close();
});
