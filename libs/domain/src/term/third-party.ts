import type { ThirdPartyTerm } from '../documents/agreement.js';
import type { ResourceRef } from '../names.js';
import { sameResource } from '../names.js';
import type { TermDeclaration } from './declare-term.js';
import { listed, span } from './plain.js';

const fewerResources = {
  words: 'fewer',
  holds: (before: readonly ResourceRef[], after: readonly ResourceRef[]): boolean =>
    after.every((one) => before.some((other) => sameResource(one, other))),
};

export const thirdParty: TermDeclaration<ThirdPartyTerm> = {
  meaning:
    'an integrator or subcontractor that one side brings in signs too, and holds at most this and never more than that side',
  evaluator: 'agreement/third-party',
  points: ['gateway', 'broker', 'agent'],
  order: {
    party: 'identity',
    broughtBy: 'both',
    kinds: 'fewer',
    resources: fewerResources,
    actions: 'fewer',
    purposes: 'fewer',
    longestWindowSeconds: 'less',
  },
  // Who is bound by it joins or leaves with it.
  added: 'both',
  removed: 'both',
  words: (term) =>
    `${term.party} is brought in by ${term.broughtBy} and holds no more than it: ${listed(term.kinds, 'nothing')} of ${term.resources.map((one) => `${one.owner}/${one.id}`).join(', ')} (${listed(term.actions, 'nothing')}), for ${listed(term.purposes, 'nothing')}, at most ${span(term.longestWindowSeconds)} at a time`,
};
