import pg from 'pg';

type Asked = readonly [string | { readonly text: string; readonly values?: readonly unknown[] }, (readonly unknown[])?];

/**
 * Runs `work` and returns every transaction that services in this process made for `organisation` meanwhile, as the texts of its statements. What an asker
 * can tell by the clock is which statements his question costs: the same statements are one class of time, on a quiet machine and on a busy one.
 */
export async function statementsFor<T>(
  organisation: string,
  work: () => Promise<T>,
): Promise<readonly [T, string[][]]> {
  const client = pg.Client.prototype as unknown as { query(...asked: unknown[]): unknown };
  const { query } = client;
  const open = new Map<unknown, string[]>();
  const made: string[][] = [];
  client.query = function observed(this: unknown, ...asked: unknown[]) {
    const [first, second] = asked as unknown as Asked;
    const [text, values] = typeof first === 'string' ? [first, second] : [first.text, first.values];
    if (text.includes('interlock.organisation') && values?.[0] === organisation && !open.has(this)) open.set(this, []);
    const under = open.get(this);
    under?.push(text);
    if (under && /^(commit|rollback)$/i.test(text.trim())) {
      open.delete(this);
      made.push(under);
    }
    return query.apply(this, asked);
  };
  try {
    return [await work(), made];
  } finally {
    client.query = query;
  }
}
