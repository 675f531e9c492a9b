import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrganisationId } from '@interlock/domain';
import { aRight, BUYER, type Right, VENDOR } from '@interlock/testkit/builders';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder, revocationOf } from '../../test/two-sides.js';
import { heldActs } from './held-acts.js';

let right: Right;
let folder: ReturnType<typeof aFolder>;
let file: string;
beforeAll(async () => {
  right = await aRight({}, Date.now());
});
beforeEach(() => {
  folder = aFolder();
  file = join(folder.path, 'acts.ndjson');
});
afterEach(() => folder[Symbol.dispose]());

const of = () => heldActs(folder.path).of(right.agreement.id);

describe('the acts a gateway holds', () => {
  it('are there after a restart, each once, with the chain they came with', async () => {
    const [first, second] = [await revocationOf(right), await revocationOf(right, { sequence: 2 })];
    const { entities, certificates } = right.chain;
    const acts = heldActs(folder.path);
    acts.keep(first, { entities, certificates });
    acts.keep(first);
    acts.keep(second);
    expect(of()).toEqual([{ act: first, chain: { entities, certificates } }, { act: second }]);
    heldActs(folder.path).keep(second);
    expect(readFileSync(file, 'utf8').split('\n').filter(Boolean)).toHaveLength(2);
  });

  it('of another company bring no chains without end, and are held without them; those of the own company bring all', async () => {
    const { entities, certificates } = right.chain;
    const chain = { entities, certificates };
    const [own, other] = [BUYER, VENDOR];
    const most = JSON.stringify(chain).length;
    const chains = async (company: OrganisationId) => {
      using alone = aFolder();
      const acts = heldActs(alone.path, company, most);
      for (const sequence of [1, 2, 3]) acts.keep(await revocationOf(right, { sequence }), chain);
      return acts.of(right.agreement.id).map((one) => one.chain !== undefined);
    };
    expect(await chains(own)).toEqual([true, true, true]);
    expect(await chains(other)).toEqual([true, false, false]);
  });

  it('lose to a power cut only the one that was being written', async () => {
    const [first, second] = [await revocationOf(right), await revocationOf(right, { sequence: 2 })];
    heldActs(folder.path).keep(first);
    appendFileSync(file, '{"act":{"docu');
    heldActs(folder.path).keep(second);
    expect(of().map(({ act }) => act)).toEqual([first, second]);
  });

  it('are not given to another agreement', async () => {
    heldActs(folder.path).keep(await revocationOf(right));
    expect(heldActs(folder.path).of('agr_00000000000000000000000000' as typeof right.agreement.id)).toEqual([]);
  });

  it('leave out what is no act', () => {
    writeFileSync(file, '\n\0\0\n{}\n[1]\n{"act":null}\n');
    expect(of()).toEqual([]);
  });

  it('stay in memory when the disk does not take them', async () => {
    const acts = heldActs(folder.path);
    mkdirSync(file);
    const act = await revocationOf(right);
    acts.keep(act);
    expect(acts.of(right.agreement.id)).toEqual([{ act }]);
    rmSync(file, { recursive: true });
    acts.keep(await revocationOf(right, { sequence: 2 }));
    expect(of()).toHaveLength(1);
  });
});
