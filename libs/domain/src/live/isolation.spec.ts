import { describe, expect, it } from '@jest/globals';
import {
  agreementOf,
  BUYER,
  chainOf,
  DAY,
  digest,
  grantOf,
  HOUR,
  id,
  key,
  NOW,
  offline,
  remoteService,
} from '../../test/a-right.js';
import type { AgreementId, GrantId, OrganisationId, SubjectRef } from '../names.js';
import { answer } from './answer.js';
import { LiveRights } from './live-rights.js';

const VENDORS = 50;
const MACHINES = 200;
const GRANTS = 1_500;

const vendor = (nth: number) => `vendor-${nth}.example` as OrganisationId;
const machine = (nth: number) => ({ owner: BUYER, id: id(`press-${nth}`) });
/** Every vendor calls its people the same: a name alone must never be enough. */
const person = (whose: OrganisationId, nth: number): SubjectRef => ({
  organisation: whose,
  kind: 'person',
  id: id(`technician-${nth}`),
});

function randomFrom(seed: number) {
  let state = seed >>> 0;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One plant, fifty vendors, two hundred machines; some machines are served by several vendors. */
function aPlant(seed: number) {
  const random = randomFrom(seed);
  const rights = new LiveRights();
  /** What was granted, kept by the simplest means there are. */
  const granted = new Map<string, Set<string>>();
  const nameOf = (subject: SubjectRef) => `${subject.organisation} ${subject.id}`;
  for (let nth = 0; nth < VENDORS; nth += 1) {
    const parties = [vendor(nth), BUYER].map((organisation) => ({
      organisation,
      role: organisation === BUYER ? ('buyer' as const) : ('vendor' as const),
      root: key(`root of ${organisation}`),
      entity: digest(organisation),
    }));
    const resources = Array.from({ length: MACHINES }, (_, at) => ({
      ...machine(at),
      class: 'standard' as const,
      services: [id('ssh')],
    }));
    const agreement = agreementOf({
      id: `agr_${nth}` as AgreementId,
      parties,
      resources,
      terms: [remoteService, offline],
    });
    rights.setUnder({
      agreement,
      digest: digest(`agreement ${nth}`),
      facts: { acts: [], verdicts: [], annexes: [], invalid: new Set() },
    });
    for (let turn = 0; turn < GRANTS / VENDORS; turn += 1) {
      const subject = person(vendor(nth), random(4));
      const resource = machine(random(MACHINES));
      const isLive = random(4) > 0;
      const window = isLive ? { from: NOW - HOUR, to: NOW + HOUR } : { from: NOW - DAY, to: NOW - HOUR };
      const grant = grantOf({
        id: `grt_${nth}_${turn}` as GrantId,
        agreementId: agreement.id,
        subjects: [subject],
        resources: [resource],
        windows: [window],
      });
      const { subject: _subject, jkt: _jkt, ...facts } = chainOf(agreement, grant);
      rights.add(
        {
          ...facts,
          agreementDigest: digest(`agreement ${nth}`),
          grantDigest: digest(grant.id),
          subjectSide: vendor(nth),
        },
        [],
      );
      if (isLive) granted.set(nameOf(subject), (granted.get(nameOf(subject)) ?? new Set()).add(resource.id));
    }
  }
  return { rights, granted, nameOf };
}

const askFor = (subject: SubjectRef, resource: ReturnType<typeof machine>) => ({
  subject,
  leaf: key('leaf'),
  action: id('ssh'),
  resource,
  session: null,
});

describe('fifty vendors of one plant with two hundred machines', () => {
  const { rights, granted, nameOf } = aPlant(2_026);

  it('learn nothing of one another from any decision', () => {
    const nobody = answer(rights, vendor(0), askFor(person('nobody.example' as OrganisationId, 0), machine(0)), NOW);
    const random = randomFrom(7);
    let told = 0;
    for (let turn = 0; turn < 20_000; turn += 1) {
      const [asker, other] = [vendor(random(VENDORS)), vendor(random(VENDORS))];
      if (asker === other) continue;
      const ask = askFor(person(other, random(4)), machine(random(MACHINES)));
      // A constant of the module: the same object, not merely one that looks alike.
      if (answer(rights, asker, ask, NOW) !== nobody) told += 1;
    }
    expect(told).toBe(0);
  });

  it('find nobody but their own people, and only their own reach, in any search', () => {
    let foreign = 0;
    for (let nth = 0; nth < VENDORS; nth += 1) {
      const asker = vendor(nth);
      for (let at = 0; at < MACHINES; at += 1)
        foreign += rights.subjectsOf(asker, machine(at)).filter((found) => found.organisation !== asker).length;
      for (let other = 0; other < VENDORS; other += 1)
        if (other !== nth) foreign += rights.reachOf(asker, person(vendor(other), 0)).length;
    }
    expect(foreign).toBe(0);
  });

  it('are answered each exactly what was granted, as its owner is told', () => {
    let wrong = 0;
    for (let nth = 0; nth < VENDORS; nth += 1)
      for (let who = 0; who < 4; who += 1) {
        const subject = person(vendor(nth), who);
        const own = granted.get(nameOf(subject)) ?? new Set<string>();
        for (let at = 0; at < MACHINES; at += 1) {
          const ask = askFor(subject, machine(at));
          if (answer(rights, BUYER, ask, NOW).decision.allowed !== own.has(machine(at).id)) wrong += 1;
        }
      }
    expect(wrong).toBe(0);
  });

  it('put no more at stake than the grants of one subject: its blast radius is computed, and is the one that was granted', () => {
    for (let nth = 0; nth < VENDORS; nth += 1)
      for (let who = 0; who < 4; who += 1) {
        const subject = person(vendor(nth), who);
        const radius = rights
          .reachOf(BUYER, subject)
          .filter(
            ({ resource }) =>
              answer(rights, BUYER, askFor(subject, machine(Number(resource.id.slice(6)))), NOW).decision.allowed,
          );
        const machines = new Set(radius.map(({ resource }) => resource.id as string));
        expect(machines).toEqual(granted.get(nameOf(subject)) ?? new Set());
      }
  });
});
