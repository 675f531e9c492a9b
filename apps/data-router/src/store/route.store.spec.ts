import type { AgreementId, Digest, GrantId, LocalId, OrganisationId } from '@interlock/domain';
import { describe, expect, it } from '@jest/globals';
import { drainOf, type Route } from './route.store.js';

const NOW = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;
const [owner, recipient] = ['delta-foods.example', 'alpine-presses.example'] as OrganisationId[] as [
  OrganisationId,
  OrganisationId,
];
/** The route of a flow whose agreement gives time to fetch. */
const route: Route = {
  grant: 'grt_1' as GrantId,
  grantDigest: 'sha256:grant' as Digest,
  agreementId: 'agr_1' as AgreementId,
  agreement: 'sha256:agreement' as Digest,
  parties: [owner, recipient],
  owner,
  resource: { owner, id: 'press-7' as LocalId },
  product: 'telemetry' as LocalId,
  gateways: ['plant-gateway' as LocalId],
  recipients: [recipient],
  regions: ['eu-1' as LocalId],
  retentionSeconds: 600,
  endsAt: NOW + HOUR,
  owed: { until: NOW + 24 * HOUR, windowEndsAt: NOW + HOUR },
};

describe('what is left of a route that ends before its window', () => {
  it.each(['taken_away', 'narrowed', 'embargo_unknown', 'equivalence_lapsed', 'not_on_provisioning_list'])(
    'is fetched for as long as it is kept, however one side ended it (%s)',
    (code) => {
      expect(drainOf(route, code, NOW)).toEqual({ ...route, drain: true, endsAt: NOW + 600_000 });
    },
  );

  it('is fetched no longer than was agreed, and no longer for being ended again', () => {
    const soon = { ...route, owed: { until: NOW + 5, windowEndsAt: NOW + HOUR } };
    const drain = drainOf(soon, 'taken_away', NOW);
    expect([drain?.endsAt, drain && drainOf(drain, 'taken_away', NOW + 4)?.endsAt]).toEqual([NOW + 5, NOW + 5]);
    expect(drain && drainOf(drain, 'taken_away', NOW + 5)).toBeUndefined();
  });

  it('is nothing where no retrieval was agreed, and from the end of the window that both signed', () => {
    const { owed: _owed, ...none } = route;
    expect(drainOf(none, 'taken_away', NOW)).toBeUndefined();
    const at = (now: number) => drainOf(route, 'taken_away', now) !== undefined;
    expect([at(NOW + HOUR - 1), at(NOW + HOUR)]).toEqual([true, false]);
  });

  it.each(['embargo_blocked', 'organisation_revoked', 'version_superseded', 'agreement_over'])(
    'is nothing where the law forbids it, a root took everything away, or all signed its end (%s)',
    (code) => {
      expect(drainOf(route, code, NOW)).toBeUndefined();
    },
  );
});
