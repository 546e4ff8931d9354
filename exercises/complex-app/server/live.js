import { WebSocketServer } from 'ws';

/** Sends each finished value to every page that has a WebSocket open at /live. */
export function serveLive(server, queue) {
  const sockets = new WebSocketServer({ server, path: '/live' });
  const tell = (message) => {
    for (const socket of sockets.clients) {
      socket.send(message);
    }
  };
  return { sockets, ready: queue.onDone(tell) };
}
