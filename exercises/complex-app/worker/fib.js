/** The Fibonacci number at `index`, the slow way: this is the work that the worker is for. */
export function fib(index) {
  return index < 2 ? index : fib(index - 1) + fib(index - 2);
}
