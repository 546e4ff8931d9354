import { createClient } from 'redis';

/** Counts visits in Redis; `url` is as in redis://redis-server:6379. */
export function redisStore(url) {
  // A command that cannot be sent fails at once: a visitor is not kept waiting.
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', (error) => console.error(`redis: ${error.message || error.code}`));
  return {
    connect: () => client.connect(),
    close: () => client.destroy(),
    ready: () => client.isReady,
    count: () => client.incr('visits'),
  };
}
