/** One bound of what a partner can make a gateway hold, or what becomes of who goes beyond it, removed at a time. */
import { ofDomain, ofGateway } from './of-folder.mjs';

const spec = 'standing/room.spec.ts';
const room = ofGateway('standing/room.ts', spec);
const held = ofGateway('standing/held-agreement.ts', spec);
const keeper = ofGateway('standing/keep-standing.ts', spec);
const signal = ofGateway('standing/take-signal.ts', spec);
const decide = ofDomain('decide.ts', 'session/safety.spec.ts');
const safety = ofDomain('session/safety.ts', 'session/safety.spec.ts');

/** What an offer says of who comes. */
const offered = (text, replacement) => ({
  ...{ code: 'not_the_holder', text, replacement, test: 'name its own key' },
  file: 'apps/edge-gateway/src/session/admit-session.ts',
  spec: 'test/scenarios/hostile-broker/opens-nothing.spec.ts',
});

/** A disk that others have filled. */
const spare = (text, replacement) => ({
  ...{ code: 'taken_away', text, replacement },
  file: 'apps/edge-gateway/src/spare-lines.ts',
  spec: 'apps/edge-gateway/src/spare-lines.spec.ts',
});

/** Who looked at what was activated at a gateway. */
const reviewed = (text, replacement) => ({
  ...{ code: 'activation_unfit', text, replacement },
  file: 'libs/domain/src/annex/activation-reviews.ts',
  spec: 'libs/domain/src/annex/activation-reviews.spec.ts',
});

export const ROOM = [
  reviewed('annex.organisation === record.resource?.owner &&', ''),
  reviewed('annex.session === record.session &&', ''),
  reviewed('record.documents.includes(annex.activation) &&', ''),
  reviewed('annex.reviewer !== annex.activatedBy &&', ''),
  reviewed('isSaid(record, annex) &&', ''),
  reviewed(' &&\n      annex.issuedAt >= record.at', ''),
  reviewed('.filter((record) => !reviewOf(record, annexes))', ''),
  reviewed("filter(({ mode }) => mode === 'local')", 'filter(() => true)'),
  reviewed('(cls === undefined || of === cls)', 'cls === of'),
  {
    ...{
      code: 'wrong_issuer',
      text: "document.typ === 'activation-review' && !keys.every",
      replacement: 'false && !keys.every',
    },
    ...{ file: 'libs/proof/src/annex.ts', spec: 'libs/proof/src/annex.spec.ts' },
    test: 'the person who says that he looked',
  },
  spare('rmSync(spare, { force: true });\n    isHeld = false;', 'isHeld = false;'),
  spare('if (!isHeld) isHeld = hold(spare, bytes);', ''),
  offered("if (leaf !== chain.jkt) return 'leaf';", ''),
  offered("sameSubject(subject, chain.subject) ? undefined : 'subject'", 'undefined'),
  decide('beyond_bounds', "return most ? refuse('beyond_bounds', { clause: most.organisation }) : undefined;", ''),
  safety('beyond_bounds', 'beyond: beyond.filter((one) => takesEffect(one, use, now)),', ''),
  safety('beyond_bounds', 'beyond: beyond.filter((one) => takesEffect(one, use, now)),', 'beyond: [],'),
  room('beyond_bounds', 'if (used > bounds[what]) return false;', ''),
  room('beyond_bounds', 'if (organisation === self) return true;', ''),
  room('beyond_bounds', 'if (since !== undefined) this.beyond.set(organisation, { organisation, since });', ''),
  room('rate_limited', '`${what} ${organisation}`', '`${what}`'),
  held('beyond_bounds', 'beyond: [...held.room.beyond.values()],', ''),
  held(
    'beyond_bounds',
    "if (!held.room.fits(organisation, 'actBytes', JSON.stringify(input).length, now))\n    return refuse('beyond_bounds', { clause: organisation });",
    '',
  ),
  held('beyond_bounds', "&& !held.room.fits(organisation, 'invalidIds', 1, now)", ''),
  held(
    'rate_limited',
    "if (!newest && !hasSlot(held, verdict)) return refuse('rate_limited', { clause: 'verdict' });",
    '',
  ),
  held('rate_limited', 'if (!newest && !hasSlot(held, verdict))', 'if (!hasSlot(held, verdict))'),
  held('rate_limited', ' || flows.some(({ document }) => digestOf(document) === grant)', ''),
  keeper('beyond_bounds', "if (codeOf(taken) === 'beyond_bounds') this.options.onChange(agreementId);", ''),
  signal(
    'rate_limited',
    "if (news && !held.signals.has(name) && !held.room.take(organisation, 'signals')) return refuse('rate_limited');",
    '',
  ),
];
