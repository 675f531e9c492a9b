import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  grantOf,
  id,
  NOW,
  OTHER,
  press7,
  remoteService,
  technician,
  twoApprovers,
  VENDOR,
} from '../../test/a-right.js';
import { recordOf } from '../../test/annexes.js';
import { goes, use } from '../../test/papers.js';
import { machineFault } from '../annex/machine.js';
import type { Agreement, OfflineTerm, SelectorTerm, Term } from '../documents/agreement.js';
import { covered } from '../grant/covered.js';
import { leaseMilliseconds, offlineMode } from '../session/ends.js';
import { compareVersions } from '../term/order.js';
import { termWords } from '../term/term-table.js';
import { activate } from './activate.js';

const selector: SelectorTerm = {
  type: 'selector',
  owner: BUYER,
  site: id('north'),
  zone: id('pressing'),
  class: 'standard',
  services: [id('ssh')],
};
const assembly: SelectorTerm = { ...selector, zone: id('assembly'), class: 'critical', services: [id('vnc')] };
const offline = (cls: 'standard' | 'critical', leaseSeconds: number): OfflineTerm => ({
  type: 'offline',
  kind: 'remote-service',
  class: cls,
  mode: 'static',
  leaseSeconds,
});
const agreed = (terms: readonly Term[] = [selector], over: Partial<Agreement> = {}) =>
  agreementOf({ resources: [], terms: [remoteService, ...terms], ...over });
const at = (site: string, zone = 'pressing') => [recordOf({ site: id(site), zone: id(zone) })];
const judge = (agreement: Agreement, over: object = {}) =>
  covered(grantOf(over), agreement, technician, twoApprovers, NOW);

describe('a machine that the agreement does not name', () => {
  it('is covered where a selector of its owner covers the place at which it is recorded', () => {
    const agreement = agreed();
    expect(judge(agreement)).toMatchObject(goes);
    expect(use([], { agreement, annexes: at('north') })).toMatchObject(goes);
    const no = (code: string) => ({ refusal: { code, clause: 'machines delta-foods.example/press-7' } });
    expect(use([], { agreement })).toMatchObject(no('machine_unrecorded'));
    expect(use([], { agreement, annexes: at('south') })).toMatchObject(no('machine_moved'));
    expect(use([], { agreement, annexes: at('north', 'assembly') })).toMatchObject(no('machine_moved'));
  });

  it('leaves it at the instant its owner records it elsewhere', () => {
    const moved = recordOf({ sequence: 2, zone: id('scrapyard') }, 'moved');
    expect(use([], { agreement: agreed(), annexes: [...at('north'), moved] })).toMatchObject({
      refusal: { code: 'machine_moved' },
    });
  });

  it('is not covered where its owner has no selector, nor for a service that none of them allows', () => {
    expect(judge(agreed([{ ...selector, owner: VENDOR }]))).toMatchObject({ refusal: { code: 'resource_not_agreed' } });
    expect(judge(agreed(), { actions: [id('vnc')] })).toMatchObject({ refusal: { code: 'action_not_agreed' } });
  });

  it('has the services of its own zone, not of another one', () => {
    const agreement = agreed([selector, assembly]);
    expect(judge(agreement, { actions: [id('vnc')] })).toMatchObject(goes);
    const vnc = { agreement, grant: { actions: [id('vnc')] } };
    expect(use([], { ...vnc, annexes: at('north', 'assembly') })).toMatchObject(goes);
    expect(use([], { ...vnc, annexes: at('north') })).toMatchObject({
      refusal: { code: 'action_not_agreed', clause: 'selector delta-foods.example north pressing' },
    });
  });

  it('has the shortest lease and the narrowest offline mode of all that it may be', () => {
    const agreement = agreed([selector, assembly, offline('standard', 600), offline('critical', 60)]);
    expect(leaseMilliseconds(agreement, grantOf(), press7)).toBe(60_000);
    expect(offlineMode(agreement, grantOf(), press7)).toBe('static');
    expect(offlineMode(agreed([selector, assembly, offline('standard', 600)]), grantOf(), press7)).toBe('closed');
  });

  it('is approved as the most demanding class asks', () => {
    const demand: Term = { type: 'resource-class', class: 'critical', approvals: 3, mode: 'static' };
    expect(judge(agreed([selector, demand]))).toMatchObject(goes);
    expect(judge(agreed([selector, assembly, demand]))).toMatchObject({ refusal: { code: 'approvals_missing' } });
  });
});

describe('a machine that the agreement names', () => {
  it('is what its name says, wherever it is recorded', () => {
    const agreement = agreed([selector], { resources: [{ ...press7, class: 'standard', services: [id('vnc')] }] });
    expect(judge(agreement)).toMatchObject({ refusal: { code: 'action_not_agreed' } });
    expect(machineFault(agreement, press7, at('south'), NOW)).toBeUndefined();
  });
});

describe('a selector', () => {
  it('is of a party, once for a zone of a site, and never for safety', () => {
    const incoherent = { refusal: { code: 'agreement_incoherent', clause: 'selector' } };
    expect(activate(agreed([selector, assembly]), NOW)).toMatchObject(goes);
    expect(activate(agreed([{ ...selector, owner: OTHER }]), NOW)).toMatchObject(incoherent);
    expect(activate(agreed([selector, { ...selector, services: [] }]), NOW)).toMatchObject(incoherent);
    expect(activate(agreed([{ ...selector, class: 'safety' }]), NOW)).toMatchObject({
      refusal: { code: 'term_without_evaluator', clause: 'safety' },
    });
  });

  it('is written by both; one side alone takes services from it', () => {
    const effect = (before: Agreement, after: Agreement) => compareVersions(before, after).map((one) => one.effect);
    expect(effect(agreed(), agreed([{ ...selector, services: [] }]))).toEqual(['narrower']);
    expect(effect(agreed(), agreed([selector, assembly]))).toEqual(['wider']);
    expect(effect(agreed([selector, assembly]), agreed())).toEqual(['both']);
  });

  it('takes in what is struck from the list of names, so to strike one is no narrowing', () => {
    const names = { resources: [{ ...press7, class: 'standard' as const, services: [] }] };
    expect(compareVersions(agreed([selector], names), agreed())).toMatchObject([{ effect: 'wider' }]);
    expect(compareVersions(agreed([], names), agreed([]))).toMatchObject([{ effect: 'narrower' }]);
  });

  it('is said in plain words', () =>
    expect(termWords(selector)).toBe(
      'every machine that delta-foods.example records at north in zone pressing is covered as standard, ssh',
    ));
});
