import { describe, expect, it } from '@jest/globals';
import type { Agreement, Term } from '../documents/agreement.js';
import type { LocalId } from '../names.js';
import { keepsEvidenceOf } from './evidence-region.js';

const eu = { region: 'eu-1' as LocalId, jurisdiction: 'DE' };
const evidence = (region: string): Term => ({
  ...{ type: 'evidence', region: region as LocalId, cosigning: 'both', retentionSeconds: 1 },
});
const named = (region: string, jurisdiction: string): Term => ({
  ...{ type: 'region', region: region as LocalId, operator: 'the operator', jurisdiction, endpointKeys: [] },
});
const of = (...terms: Term[]) => ({ terms }) as unknown as Agreement;
const elsewhere = { allowed: false, refusal: { code: 'evidence_elsewhere', clause: 'evidence' } };

describe('the evidence of an agreement', () => {
  it('lies in the region that both signed, in the country that they signed for it', () => {
    expect(keepsEvidenceOf(of(evidence('eu-1')), eu)).toMatchObject({ allowed: true });
    expect(keepsEvidenceOf(of(evidence('eu-1'), named('eu-1', 'DE'), named('us-1', 'US')), eu).allowed).toBe(true);
    expect(keepsEvidenceOf(of(evidence('us-1')), eu)).toEqual(elsewhere);
    expect(keepsEvidenceOf(of(evidence('eu-1'), named('eu-1', 'FR')), eu)).toEqual(elsewhere);
  });

  it('is taken by no installation that does not say where it is', () => {
    expect(keepsEvidenceOf(of(evidence('eu-1')), undefined)).toEqual(elsewhere);
  });

  it('lies anywhere where they named no region for it, whatever regions its data goes through', () => {
    expect(keepsEvidenceOf(of(named('us-1', 'US')), undefined)).toMatchObject({ allowed: true });
  });
});
