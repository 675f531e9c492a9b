import type { Act, StandingApproval } from '@interlock/domain';
import {
  anAgreement,
  approveBeforehand,
  aRight,
  BUYER,
  bothSign,
  type Right,
  VENDOR,
} from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { id, rightOpens } from '../test/at-the-gateway.js';

let right: Right;
beforeAll(async () => {
  right = await aRight();
});
const given = (over: Partial<StandingApproval> = {}) => approveBeforehand(right, { approval: over });
const refused = (code: string) => ({ allowed: false, refusal: { code } });

describe('a standing approval at the gateway', () => {
  it('lets in by the one gateway and the one key that it names, and by no other', async () => {
    const { gateway } = (await given()).approval;
    expect(await rightOpens(await given())).toMatchObject({ allowed: true });
    const other = { ...gateway, id: id('other-gateway') };
    expect(await rightOpens(await given({ gateway: other }))).toMatchObject(refused('counted_elsewhere'));
    const restored = { ...gateway, key: right.who.recipient.signer.kid };
    expect(await rightOpens(await given({ gateway: restored }))).toMatchObject(refused('counted_elsewhere'));
  });

  it.each([BUYER, VENDOR])('is nothing any more once %s revoked it', async (organisation) => {
    const before = await given();
    const target = { kind: 'grant', id: before.approval.id } as const;
    const acts: Partial<Act>[] = [{ verb: 'revoke', organisation, target }];
    expect(await rightOpens(before, { acts })).toMatchObject(refused('taken_away'));
  });

  it('is nothing under the next version of its agreement', async () => {
    const before = await given();
    const agreement = anAgreement(right.who, { version: 2 });
    const next = { ...right, agreement, chain: { ...right.chain, agreement: await bothSign(right.who, agreement) } };
    const renewed = await approveBeforehand(next);
    expect(await rightOpens(renewed)).toMatchObject({ allowed: true });
    const { standingApproval } = before.chain;
    const old = { ...renewed, chain: { ...renewed.chain, ...(standingApproval && { standingApproval }) } };
    expect(await rightOpens(old)).toMatchObject(refused('grant_of_other_agreement'));
  });
});
