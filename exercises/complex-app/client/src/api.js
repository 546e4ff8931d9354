async function json(path, options) {
  const response = await fetch(`/api${path}`, options);
  const type = response.headers.get('content-type') ?? '';
  const body = type.includes('application/json') ? await response.json() : null;
  if (!response.ok) {
    throw new Error(body?.error ?? `The server answers ${response.status}. Try again soon.`);
  }
  return body;
}

/** Resolves to the indexes that were ever submitted. */
export const fetchIndexes = () => json('/values/all');

/** Resolves to index → { value, worker }; value is null while a worker has yet to write it. */
export const fetchValues = () => json('/values/current');

/** Hands in an index, a text as it was typed; rejects with what the server has against it. */
export const submit = (index) =>
  json('/values', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ index }),
  });

/** Calls `heard` with each finished { index, value, worker } until the returned function is called. */
export function listen(heard) {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  let socket;
  let timer;
  let over = false;
  const open = () => {
    socket = new WebSocket(`${scheme}://${location.host}/api/live`);
    socket.onmessage = (message) => heard(JSON.parse(message.data));
    socket.onclose = () => {
      if (!over) timer = setTimeout(open, 1000);
    };
  };
  open();
  return () => {
    over = true;
    clearTimeout(timer);
    socket.close();
  };
}
