import type { Signal, TermOf } from '@interlock/domain';
import { BUYER, NOW, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { id, press7, sessionGoesOn, sessionOpens } from '../test/at-the-gateway.js';

const ofPress = { kind: 'resource', id: press7.id } as const;
const ofPerson = { kind: 'person', id: id('technician') } as const;
const FACTS: readonly (readonly [string, typeof BUYER, Signal['about']])[] = [
  ['presence', BUYER, ofPress],
  ['maintenance-mode', BUYER, ofPress],
  ['work-order', BUYER, ofPress],
  ['attestation-status', BUYER, ofPress],
  ['device-posture', VENDOR, ofPerson],
];
const refused = (code: string) => ({ allowed: false, refusal: { code } });

describe('at the gateway, a fact that an agreement requires', () => {
  it.each(FACTS)(
    '%s: opens while it is fresh and holds, and ends what is open when it turns or grows stale',
    async (name, party, about) => {
      const term: TermOf<'signal'> = {
        ...{ type: 'signal', signal: id(name), party, about: about.kind === 'resource' ? 'resource' : 'subject' },
        ...{ kinds: ['remote-service'], resources: [], maxAgeSeconds: 60, live: true },
      };
      const said = { organisation: party, signal: id(name), about, at: NOW };
      const terms = [term];
      expect(await sessionOpens({ terms })).toMatchObject(refused('signal_unknown'));
      expect(await sessionOpens({ terms, signals: [said] })).toMatchObject({ allowed: true });
      expect(await sessionOpens({ terms, signals: [{ ...said, holds: false }] })).toMatchObject(
        refused('signal_turned'),
      );
      expect(await sessionOpens({ terms, signals: [{ ...said, signal: id('another') }] })).toMatchObject(
        refused('signal_unknown'),
      );
      const other = party === BUYER ? VENDOR : BUYER;
      expect(await sessionOpens({ terms, signals: [{ ...said, organisation: other }] })).toMatchObject(
        refused('signal_unknown'),
      );
      expect(await sessionGoesOn({ terms, signals: [said], after: 59_999 })).toMatchObject({ allowed: true });
      expect(await sessionGoesOn({ terms, signals: [said], after: 60_000 })).toMatchObject(refused('signal_unknown'));
    },
  );
});
