import express from 'express';

export const app = express();

app.get('/', (req, res) => {
  res.send('Hi there');
});

// A test imports this file; only as the program itself does it listen.
if (process.argv[1] === import.meta.filename) {
  app.listen(8080, () => {
    console.log('listening on port 8080');
  });
}
