import type { LocalId, OrganisationId, RoleMapping } from '@interlock/domain';

const id = (text: string) => text as LocalId;

export interface DemoPerson {
  readonly id: LocalId;
  readonly groups: readonly LocalId[];
  readonly purposes: readonly ('grant' | 'approve' | 'delegate')[];
}

export interface DemoCompany {
  readonly organisation: OrganisationId;
  readonly name: string;
  readonly jurisdiction: string;
  readonly people: readonly DemoPerson[];
}

/** Which groups of their own login make which role, in either company. */
export const DEMO_ROLES: Pick<RoleMapping, 'scopes' | 'rules' | 'outsideAuditors'> = {
  scopes: ['groups'],
  rules: [
    { claim: 'groups', value: 'security', role: 'architect' },
    { claim: 'groups', value: 'maintenance', role: 'approver' },
    { claim: 'groups', value: 'analytics', role: 'approver' },
    { claim: 'groups', value: 'audit', role: 'auditor' },
  ],
  outsideAuditors: [],
};

/** The two companies of the trial. Their people are roles; their passwords and keys are made when the trial first starts. */
export const VENDOR: DemoCompany = {
  organisation: 'alpine-presses.example' as OrganisationId,
  name: 'Alpine Presses',
  jurisdiction: 'AT',
  people: [
    { id: id('technician'), groups: [id('service')], purposes: ['grant', 'delegate'] },
    { id: id('fleet-engineer'), groups: [id('service')], purposes: ['grant', 'delegate'] },
    { id: id('analytics-owner'), groups: [id('analytics')], purposes: ['approve'] },
    { id: id('security-officer'), groups: [id('security')], purposes: [] },
    { id: id('auditor'), groups: [id('audit')], purposes: [] },
  ],
};

export const BUYER: DemoCompany = {
  organisation: 'delta-foods.example' as OrganisationId,
  name: 'Delta Foods',
  jurisdiction: 'NL',
  people: [
    { id: id('shift-lead'), groups: [id('maintenance')], purposes: ['approve'] },
    { id: id('plant-engineer'), groups: [id('maintenance')], purposes: ['approve'] },
    { id: id('line-engineer'), groups: [id('automation')], purposes: ['grant'] },
    { id: id('security-officer'), groups: [id('security')], purposes: [] },
    { id: id('auditor'), groups: [id('audit')], purposes: [] },
  ],
};

export const PRESS = id('press-7');
/** The plant's own collector: it may push what the press does not say itself. */
export const HISTORIAN = id('historian');
export const ANALYTICS = id('analytics');
export const PLANT_GATEWAY = id('plant-gateway');
export const VENDOR_GATEWAY = id('cloud-gateway');
export const REGION = id('eu-1');

/** A region of the trial: its own server and disk, under the operator and in the country that the agreement states. */
export interface DemoRegion {
  readonly id: LocalId;
  readonly operator: string;
  readonly jurisdiction: string;
  readonly port: 'region' | 'furtherRegion';
}

export const REGIONS: readonly DemoRegion[] = [
  { id: REGION, operator: 'operator of the broker', jurisdiction: 'DE', port: 'region' },
  // Known to both companies, run by somebody else, and named by no data product: nothing of the plant may ever lie there.
  { id: id('us-1'), operator: 'another operator', jurisdiction: 'US', port: 'furtherRegion' },
];
