import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decide, type LocalId, lastVersionOf, type OrganisationId } from '@interlock/domain';
import { signed, verifyChain } from '@interlock/proof';
import { aCompany, aRight, BUYER, type Right, VENDOR } from '@interlock/testkit/builders';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { aFolder, aKeeper, type Kept, provisionedFor, standingOf } from '../../test/two-sides.js';
import { circumstancesOf } from './held-agreement.js';
import { revokedOrganisations } from './revoked-organisations.js';

let right: Right;
let folder: ReturnType<typeof aFolder>;
let kept: Kept;
beforeAll(async () => {
  right = await aRight({}, Date.now());
});
beforeEach(async () => {
  folder = aFolder();
  kept = aKeeper(provisionedFor(right), folder.path);
  await kept.keeper.takeStanding(standingOf(right));
});
afterEach(() => folder[Symbol.dispose]());

const prepared = (who = right.who.vendor) =>
  signed(lastVersionOf(who.entity.document), who.root, who.entity.document.issuedAt);

/** Whether the technician is let in by what the keeper holds now. */
async function entering(): Promise<string> {
  const held = kept.keeper.agreements.get(right.agreement.id);
  if (!held) return 'nothing is held';
  const self = { organisation: BUYER, resources: ['press-7' as LocalId] };
  const now = Date.now();
  const chain = await verifyChain(right.chain, right.who.pins, self, { loginProof: right.loginProof }, now);
  if (!chain.allowed) return chain.refusal.code;
  const resource = { owner: BUYER, id: 'press-7' as LocalId };
  const ask = { subject: chain.value.subject, leaf: right.leaf, action: 'ssh' as LocalId, resource, session: null };
  const decided = decide(chain.value, ask, circumstancesOf(held), now);
  return decided.allowed ? 'allowed' : decided.refusal.code;
}

describe('a gateway to which everything of an organisation is revoked', () => {
  it.each(['vendor', 'buyer'] as const)('by the hand of anybody obeys at once, for the %s', async (side) => {
    expect(await entering()).toBe('allowed');
    const changes = kept.changes.length;
    expect(await kept.keeper.takeRevokeAll(await prepared(right.who[side]))).toMatchObject({ allowed: true });
    expect(kept.changes.length).toBe(changes + 1);
    expect(await entering()).toBe('organisation_revoked');
  });

  it('by a standing obeys too, though the broker spoiled the rest of it', async () => {
    const standing = standingOf(right, { entities: [await prepared()] });
    expect(await kept.keeper.takeStanding(standing)).toMatchObject({ allowed: false });
    expect(await entering()).toBe('organisation_revoked');
  });

  it('does not forget it with a standing that leaves it out', async () => {
    await kept.keeper.takeRevokeAll(await prepared());
    await kept.keeper.takeStanding(standingOf(right));
    expect(await entering()).toBe('organisation_revoked');
  });

  it('does so for what its root signed and for nothing else', async () => {
    const { vendor } = right.who;
    const stranger = await aCompany(VENDOR, Date.now());
    const other = await aCompany('stranger.example', Date.now());
    const refusals: [string, Awaited<ReturnType<typeof prepared>>][] = [
      ['wrong_type', vendor.entity],
      ['root_mismatch', await prepared(stranger)],
      ['not_pinned', await prepared(other)],
      ['unknown_key', await signed(lastVersionOf(vendor.entity.document), vendor.certify, Date.now())],
    ];
    for (const [code, entity] of refusals)
      expect([code, await kept.keeper.takeRevokeAll(entity)]).toMatchObject([code, { refusal: { code } }]);
    expect(await entering()).toBe('allowed');
  });
});

describe('what was revoked', () => {
  const reopened = (pins = right.who.pins) => revokedOrganisations(folder.path, pins);

  it('is known again after a restart, as long as that root is pinned', async () => {
    const first = await reopened();
    expect([...first.all]).toEqual([]);
    first.keep(await prepared());
    expect([...(await reopened()).all]).toEqual([VENDOR]);
    // The company enrolled anew, and the plant compared its new root: the old one says nothing about it.
    const anew = await aCompany(VENDOR, Date.now());
    expect([...(await reopened(new Map([...right.who.pins, [VENDOR, anew.pin]]))).all]).toEqual([]);
  });

  it('counts from the call on, though the disk does not take it', async () => {
    const nowhere = join(folder.path, 'state');
    mkdirSync(nowhere);
    const revoked = await revokedOrganisations(nowhere, right.who.pins);
    mkdirSync(join(nowhere, 'revoked.json'));
    revoked.keep(await prepared());
    expect(revoked.all.has(VENDOR as OrganisationId)).toBe(true);
    expect(existsSync(join(nowhere, 'revoked.json'))).toBe(true);
  });

  it('stops the start where it cannot be read', async () => {
    writeFileSync(join(folder.path, 'revoked.json'), '[{"document":{}}]');
    await expect(reopened()).rejects.toThrow();
  });
});
