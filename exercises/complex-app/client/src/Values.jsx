/** The values so far, as a table; one that no worker has written yet says so. */
export function Values({ values }) {
  const rows = Object.entries(values).sort(([a], [b]) => Number(a) - Number(b));
  return (
    <table>
      <thead>
        <tr>
          <th>index</th>
          <th>value</th>
          <th>worker</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([index, { value, worker }]) => (
          <tr key={index}>
            <td>{index}</td>
            <td>{value ?? 'a worker is at it …'}</td>
            <td>{worker ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
