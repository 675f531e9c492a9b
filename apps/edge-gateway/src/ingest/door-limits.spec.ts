import { makeLeaf } from '@interlock/company-side';
import type { PushAnswer } from '@interlock/contracts';
import { allow, type Decision, refuse } from '@interlock/domain';
import { newPrivateKey } from '@interlock/proof';
import type { Holder } from '@interlock/testkit/builders';
import { afterEach, describe, expect, it } from '@jest/globals';
import { push } from '../../test/a-collecting-plant.js';
import { quiet, until } from '../../test/two-sides.js';
import { type Door, openDoor } from './door.js';

let door: Door | undefined;
afterEach(() => door?.close());

async function answering(take: () => Promise<Decision<PushAnswer>>): Promise<number> {
  const leaf = await makeLeaf(newPrivateKey(), Date.now());
  door = await openDoor({ host: '127.0.0.1', port: 0, leaf: () => leaf, taker: { take }, log: quiet });
  return door.port;
}
const collector = { key: newPrivateKey() } as Holder;
const events = (...codes: string[]) => allow({ events: codes.map((code) => ({ source: 's', id: code, code })) });

describe('a door under load', () => {
  it('lets the whole push come again when one of its events waits for the region', async () => {
    const port = await answering(async () => events('accepted', 'edge_full'));
    const { status, headers } = await push(port, collector, { body: '[]' });
    expect([status, headers['retry-after']]).toEqual([503, '1']);
  });

  it('says that the disk takes nothing, and that it may be tried again', async () => {
    const port = await answering(async () => refuse('evidence_unavailable'));
    const { status, headers } = await push(port, collector, { body: '[]' });
    expect([status, headers['retry-after']]).toEqual([503, '1']);
  });

  it('lets one presenter wait for the disk a hundred times at once, and no more', async () => {
    let release = () => {};
    let waiting = 0;
    const released = new Promise<void>((done) => {
      release = done;
    });
    const port = await answering(async () => {
      waiting += 1;
      await released;
      return events('accepted');
    });
    const first = Array.from({ length: 128 }, () => push(port, collector, { body: '{}' }));
    await until('all of them wait', () => waiting === 128);
    const { status, headers } = await push(port, collector, { body: '{}' });
    expect([status, headers['retry-after']]).toEqual([429, '1']);
    const other = { key: newPrivateKey() } as Holder;
    const another = push(port, other, { body: '{}' });
    await until('another presenter is served', () => waiting === 129);
    release();
    expect((await Promise.all([...first, another])).every((one) => one.status === 200)).toBe(true);
  });

  it('answers a fault without a word of it, and goes on', async () => {
    let faults = 0;
    const port = await answering(async () => {
      if (faults++ === 0) throw new Error('the secret of the plant');
      return events('accepted');
    });
    const { status, body } = await push(port, collector, { body: '{}' });
    expect([status, JSON.stringify(body).includes('secret')]).toEqual([500, false]);
    expect((await push(port, collector, { body: '{}' })).status).toBe(200);
  });
});
