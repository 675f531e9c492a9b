import { allow, type Decision } from '@interlock/domain';
import type { z } from 'zod';
import { type BrokerClient, BrokerUnavailable } from './broker-client.js';

/** A lying broker may have a next page for ever. */
const MOST_PAGES = 500;

/**
 * A whole list, page after page. What changes while it is read may be there twice. The first refusal is the answer.
 *
 * @param rows the member that holds the rows
 * @throws BrokerUnavailable where the list has no end
 */
export async function everyPage<
  Rows extends string,
  Page extends { readonly [K in Rows]: readonly unknown[] } & { readonly next?: string | undefined },
>(
  client: Pick<BrokerClient, 'get'>,
  target: string,
  schema: z.ZodType<Page>,
  rows: Rows,
): Promise<Decision<{ [K in Rows]: Page[Rows][number][] }>> {
  const all: Page[Rows][number][] = [];
  let query = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const read = await client.get(`${target}${query}`, schema);
    if (!read.allowed) return read;
    all.push(...read.value[rows]);
    if (read.value.next === undefined) return allow({ [rows]: all } as { [K in Rows]: Page[Rows][number][] });
    query = `${target.includes('?') ? '&' : '?'}after=${encodeURIComponent(read.value.next)}`;
  }
  throw new BrokerUnavailable(`${target}: the list has no end`);
}
