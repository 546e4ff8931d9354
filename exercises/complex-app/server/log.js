/** One line of JSON for each thing that happens; `request` follows a request through all services. */
export function log(request, what, more = {}) {
  console.log(JSON.stringify({ request, what, ...more }));
}
