import express from 'express';

/**
 * The pages of the app.
 *
 * @param store counts visits: `count()` resolves to the number of this visit, `ready()` says
 *   whether it can.
 * @param exit ends the program with a code, for the page that crashes it.
 */
export function makeApp(store, exit = process.exit) {
  const app = express();

  app.get('/', async (req, res) => {
    res.send(`Number of visits ${await store.count()}`);
  });

  app.get('/health', (req, res) => {
    res.status(store.ready() ? 200 : 503).send(store.ready() ? 'ok' : 'no redis');
  });

  // Ends the program on purpose, to see what a restart policy makes of it.
  app.get('/crash/:code', (req, res) => {
    const code = Number(req.params.code);
    if (!Number.isInteger(code) || code < 0 || code > 255) {
      res.status(400).send('An exit code is a whole number from 0 to 255');
      return;
    }
    res.send(`Goodbye: exit ${code}`);
    res.on('finish', () => exit(code));
  });

  app.use((error, req, res, next) => {
    console.error(error.message);
    res.status(503).send('The counter is out of order');
  });

  return app;
}
