import type { Grant, LocalId, OrganisationId } from '@interlock/domain';
import { aGrant, anAgreement, aPartnership, BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { allowedByPolicies, MOST_POLICY_BYTES, policyFault } from './judge-by-policies.js';

const id = (text: string) => text as LocalId;
let grant: Grant;
beforeAll(async () => {
  grant = aGrant(anAgreement(await aPartnership()));
});

const permits = (policies: string, over: Partial<Grant> = {}, now = NOW) =>
  allowedByPolicies(policies, { ...grant, ...over }, now);
const REPAIRS = `permit (principal is Person in Organisation::"${VENDOR}", action == Action::"ssh", resource in Organisation::"${BUYER}")
  when { context.purpose == "repair" && context has ticket && resource.id like "press-*" };`;

describe('a policy set of a company', () => {
  it('permits what it says, and nothing that no policy permits', async () => {
    expect(await permits(REPAIRS)).toBe(true);
    expect(await permits('')).toBe(false);
    expect(await permits(REPAIRS, { ticket: null })).toBe(false);
    expect(await permits(REPAIRS, { purpose: id('inspection') })).toBe(false);
    expect(await permits(REPAIRS, { resources: [{ owner: BUYER, id: id('lathe-1') }] })).toBe(false);
    const stranger = { organisation: 'other.example' as OrganisationId, kind: 'person' as const, id: id('technician') };
    expect(await permits(REPAIRS, { subjects: [stranger] })).toBe(false);
    expect(await permits(REPAIRS, { subjects: [{ organisation: VENDOR, kind: 'machine', id: id('robot') }] })).toBe(
      false,
    );
  });

  it('is asked about each use of a right: one that it does not permit is a no to the right', async () => {
    expect(await permits(REPAIRS, { actions: [id('ssh'), id('vnc')] })).toBe(false);
    const [press] = grant.resources;
    expect(await permits(REPAIRS, { resources: press ? [press, { ...press, id: id('lathe-1') }] : [] })).toBe(false);
    expect(await permits(REPAIRS, { subjects: [] })).toBe(false);
    const many = Array.from({ length: 1_001 }, (_, at) => ({ owner: BUYER, id: id(`press-${at}`) }));
    expect(await permits(REPAIRS, { resources: many })).toBe(false);
  });

  it('forbids before it permits, by the hour too, and a policy that fails on a use is no yes', async () => {
    const from = grant.windows[0]?.from ?? 0;
    expect(await permits(`${REPAIRS} forbid (principal, action, resource) when { context.now >= ${NOW} };`)).toBe(
      false,
    );
    expect(await permits(`${REPAIRS} forbid (principal, action, resource) when { context.begins < ${from} };`)).toBe(
      true,
    );
    expect(await permits(`${REPAIRS} forbid (principal, action, resource) when { principal.shift == "night" };`)).toBe(
      false,
    );
  });

  it.each([
    ['text that is no policy', 'permit everything;'],
    ['a template with nobody in it', 'permit (principal == ?principal, action, resource);'],
    ['half a policy', 'permit (principal, action'],
    ['too much', `${'// x\n'.repeat(60_000)}permit (principal, action, resource);`],
  ])('says no by %s, and is not taken', async (_, text) => {
    expect(await permits(text)).toBe(false);
    expect(await policyFault(text)).toEqual(expect.any(String));
  });

  it('is taken where it can be judged by', async () => {
    expect(await policyFault(REPAIRS)).toBeUndefined();
    expect(MOST_POLICY_BYTES).toBe(262_144);
  });
});
