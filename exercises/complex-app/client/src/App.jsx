import { useCallback, useEffect, useState } from 'react';

import { fetchIndexes, fetchValues, listen, submit } from './api.js';
import { Values } from './Values.jsx';

export function App() {
  const [indexes, setIndexes] = useState([]);
  const [values, setValues] = useState({});
  const [index, setIndex] = useState('');
  const [problem, setProblem] = useState('');

  const refresh = useCallback(async () => {
    try {
      const [all, current] = await Promise.all([fetchIndexes(), fetchValues()]);
      setIndexes(all);
      setValues(current);
      setProblem('');
    } catch (error) {
      setProblem(error.message);
    }
  }, []);

  useEffect(() => {
    refresh();
    return listen(({ index: done, ...value }) => setValues((old) => ({ ...old, [done]: value })));
  }, [refresh]);

  async function handleSubmit(event) {
    event.preventDefault();
    try {
      await submit(index);
      setIndex('');
      await refresh();
    } catch (error) {
      setProblem(error.message);
    }
  }

  return (
    <main>
      <h1>Fibonacci, with a few containers too many</h1>
      <form onSubmit={handleSubmit}>
        <label htmlFor="index">Index, from 0 to 40</label>{' '}
        <input id="index" value={index} onChange={(event) => setIndex(event.target.value)} />{' '}
        <button>Submit</button>
      </form>
      <p role="alert">{problem}</p>
      <h2>Indexes seen</h2>
      <p id="seen">{indexes.join(', ') || 'none yet'}</p>
      <h2>Values</h2>
      <Values values={values} />
    </main>
  );
}
