import { describe, expect, it } from '@jest/globals';
import { agreementOf, BUYER, id, NOW, VENDOR } from '../../test/a-right.js';
import { activate } from '../agreement/activate.js';
import type { SignalTerm } from '../documents/agreement.js';
import { PROGRAM_SIGNAL, type Signal } from '../documents/signal.js';
import { provablyNarrower } from '../term/order.js';
import { countsOver, SIGNAL_SKEW, signalFault, signalName, signalsFreshUntil } from './signals.js';

const press = { owner: BUYER, id: id('press-7') };
const presence: SignalTerm = {
  type: 'signal',
  signal: id('presence'),
  party: BUYER,
  about: 'resource',
  kinds: ['remote-service'],
  resources: [],
  maxAgeSeconds: 60,
  live: true,
};
const posture: SignalTerm = { ...presence, signal: id('device-posture'), party: VENDOR, about: 'subject', live: false };
const use = {
  kind: 'remote-service' as const,
  resource: press,
  subject: { organisation: VENDOR, kind: 'person' as const, id: id('technician') },
};
const said = (over: Partial<Signal> = {}): Signal => ({
  typ: 'signal',
  v: 1,
  organisation: BUYER,
  signal: id('presence'),
  about: { kind: 'resource', id: press.id },
  holds: true,
  at: NOW,
  ...over,
});
const sound = said({
  organisation: VENDOR,
  signal: id('device-posture'),
  about: { kind: 'person', id: id('technician') },
});
const RELEASE = 'a'.repeat(64);
const program: SignalTerm = { ...presence, signal: PROGRAM_SIGNAL, about: 'gateway', maxAgeSeconds: 300 };
const gate = id('plant-gateway');
const running = (digest: string | null, over: Partial<Signal> = {}): Signal =>
  said({
    ...{ signal: PROGRAM_SIGNAL, about: { kind: 'gateway', id: gate } },
    program: { version: '1', digest, node: 'v22', tzdata: '2026a', evaluators: [], functionRights: [] },
    ...over,
  });
const agreement = (...terms: SignalTerm[]) => agreementOf({ terms });
const fault = (terms: SignalTerm[], held: Signal[], { now = NOW, of = use, liveOnly = false } = {}) =>
  signalFault(agreement(...terms), of, { held, liveOnly }, now)?.code ?? 'holds';

describe('a required signal', () => {
  it('is unknown until it is said, and again when it is older than was agreed', () => {
    expect(fault([presence], [])).toBe('signal_unknown');
    expect(fault([presence], [said()])).toBe('holds');
    expect(fault([presence], [said()], { now: NOW + 59_999 })).toBe('holds');
    expect(fault([presence], [said()], { now: NOW + 60_000 })).toBe('signal_unknown');
    expect(fault([], [])).toBe('holds');
  });

  it('is no help from the future, beyond what a clock may run ahead', () => {
    expect(fault([presence], [said({ at: NOW + SIGNAL_SKEW })])).toBe('holds');
    expect(fault([presence], [said({ at: NOW + SIGNAL_SKEW + 1 })])).toBe('signal_unknown');
  });

  it('that turned stays turned however old it is, until it is said to hold again', () => {
    const gone = said({ holds: false });
    expect(fault([presence], [gone], { now: NOW + 3_600_000 })).toBe('signal_turned');
    expect(fault([presence], [gone, said({ at: NOW + 1 })], { now: NOW + 2 })).toBe('holds');
    // Of one instant the no counts, in whatever order they come.
    expect(fault([presence], [gone, said()])).toBe('signal_turned');
    expect(fault([presence], [said(), gone])).toBe('signal_turned');
  });

  it.each<[string, Partial<Signal>]>([
    ['another fact', { signal: id('machine-state') }],
    ['another company', { organisation: VENDOR }],
    ['another machine', { about: { kind: 'resource', id: id('press-8') } }],
    ['a machine that acts, of the name of the resource', { about: { kind: 'machine', id: press.id } }],
  ])('is not answered by %s', (_, over) => expect(fault([presence], [said(over)])).toBe('signal_unknown'));

  it('reaches the kinds and resources it names, and what its party can speak of', () => {
    const other = { ...use, resource: { owner: BUYER, id: id('press-8') } };
    expect(fault([{ ...presence, kinds: ['machine-to-machine'] }], [])).toBe('holds');
    expect(fault([{ ...presence, resources: [press] }], [])).toBe('signal_unknown');
    expect(fault([{ ...presence, resources: [press] }], [], { of: other })).toBe('holds');
    expect(fault([presence], [], { of: { ...use, resource: { owner: VENDOR, id: id('analytics') } } })).toBe('holds');
    expect(fault([posture], [])).toBe('signal_unknown');
    expect(fault([posture], [sound])).toBe('holds');
    const guest = { ...use, subject: { ...use.subject, organisation: BUYER } };
    expect(fault([posture], [], { of: guest })).toBe('holds');
  });

  it('of several all must hold, and the first to grow stale says until when', () => {
    expect(fault([presence, posture], [said()])).toBe('signal_unknown');
    expect(fault([presence, posture], [said(), sound])).toBe('holds');
    const heard = { held: [said({ at: NOW - 10_000 }), sound], liveOnly: false };
    expect(signalsFreshUntil(agreement(presence, posture), use, heard)).toBe(NOW + 50_000);
    expect(signalsFreshUntil(agreement(), use, heard)).toBe(Number.POSITIVE_INFINITY);
    expect(signalsFreshUntil(agreement(presence), use, { held: [], liveOnly: false })).toBe(Number.NEGATIVE_INFINITY);
  });

  it('stays as it was while the broker is lost, unless it is required live', () => {
    const lost = { now: NOW + 3_600_000, liveOnly: true };
    expect(fault([posture], [sound], lost)).toBe('holds');
    expect(fault([{ ...posture, live: true }], [sound], lost)).toBe('signal_unknown');
    expect(fault([presence], [said()], lost)).toBe('signal_unknown');
    const heard = { held: [sound], liveOnly: true };
    expect(signalsFreshUntil(agreement(posture), use, heard)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the program of the gateway that serves', () => {
  const serves = (term: SignalTerm, held: Signal[], gateway: typeof gate | undefined = gate, now = NOW) =>
    signalFault(agreement(term), use, { held, liveOnly: false, gateway }, now)?.code ?? 'holds';

  it('is unknown until it is said of this very gateway, and again when it is older than was agreed', () => {
    expect(serves(program, [])).toBe('signal_unknown');
    expect(serves(program, [running(RELEASE)])).toBe('holds');
    expect(serves(program, [running(RELEASE)], id('other-gateway'))).toBe('signal_unknown');
    expect(fault([program], [running(RELEASE)])).toBe('signal_unknown');
    expect(serves(program, [running(RELEASE)], gate, NOW + 300_000)).toBe('signal_unknown');
    expect(serves(program, [running(RELEASE, { about: { kind: 'resource', id: gate } })])).toBe('signal_unknown');
  });

  it('is one of those that were agreed, where some were', () => {
    const agreed = { ...program, releases: [RELEASE, 'b'.repeat(64)] };
    expect(serves(agreed, [running(RELEASE)])).toBe('holds');
    expect(serves(agreed, [running('c'.repeat(64))])).toBe('release_not_agreed');
    expect(serves(agreed, [running(null)])).toBe('release_not_agreed');
    const newer = running('c'.repeat(64), { at: NOW + 1 });
    expect(serves(agreed, [running(RELEASE), newer])).toBe('release_not_agreed');
  });
});

describe('the signal that counts', () => {
  it('is the later one of its name', () => {
    expect(countsOver(said(), undefined)).toBe(true);
    expect(countsOver(said({ at: NOW + 1 }), said())).toBe(true);
    expect(countsOver(said(), said({ at: NOW + 1 }))).toBe(false);
    expect(countsOver(said(), said({ holds: false }))).toBe(false);
    expect(countsOver(said({ holds: false }), said())).toBe(true);
  });

  it('has one name for each source, fact and what it is about', () => {
    const names = [
      said(),
      said({ organisation: VENDOR }),
      said({ signal: id('machine-state') }),
      said({ about: { kind: 'machine', id: press.id } }),
      said({ about: { kind: 'resource', id: id('press-8') } }),
    ].map(signalName);
    expect(new Set(names).size).toBe(names.length);
    expect(signalName(said({ at: NOW + 1, holds: false }))).toBe(names[0]);
  });
});

describe('the term', () => {
  it('contradicts an agreement in which its party could not say it', () => {
    const faults = (over: Partial<SignalTerm>) => {
      const active = activate(agreement({ ...presence, ...over }), NOW);
      return active.allowed ? 'coherent' : active.refusal.code;
    };
    expect(faults({})).toBe('coherent');
    expect(faults({ party: 'nobody.example' as never })).toBe('agreement_incoherent');
    expect(faults({ resources: [{ owner: BUYER, id: id('press-99') }] })).toBe('agreement_incoherent');
    expect(faults({ party: VENDOR, resources: [press] })).toBe('agreement_incoherent');
    expect(faults({ party: VENDOR, about: 'subject', resources: [press] })).toBe('coherent');
    expect(faults({ ...program, releases: [RELEASE] })).toBe('coherent');
    expect(faults({ ...program, party: VENDOR, resources: [press] })).toBe('agreement_incoherent');
    // A gateway says one thing of itself, once a minute, and nobody else says it.
    expect(faults({ ...program, signal: id('presence') })).toBe('agreement_incoherent');
    expect(faults({ ...program, maxAgeSeconds: 119 })).toBe('agreement_incoherent');
    expect(faults({ releases: [RELEASE] })).toBe('agreement_incoherent');
  });

  it('is narrower when it asks for more, and wider when it asks for less', () => {
    const narrower = (after: Partial<SignalTerm>, before: Partial<SignalTerm> = {}) =>
      provablyNarrower(agreement({ ...presence, ...before }), agreement({ ...presence, ...after }));
    expect(provablyNarrower(agreement(), agreement(presence))).toBe(true);
    expect(provablyNarrower(agreement(presence), agreement())).toBe(false);
    expect([narrower({ maxAgeSeconds: 59 }), narrower({ maxAgeSeconds: 61 })]).toEqual([true, false]);
    expect([narrower({}, { live: false }), narrower({ live: false })]).toEqual([true, false]);
    expect(narrower({ kinds: ['remote-service', 'machine-to-machine'] })).toBe(true);
    expect(narrower({ kinds: [] })).toBe(false);
    expect([narrower({ resources: [press] }), narrower({}, { resources: [press] })]).toEqual([false, false]);
    const releases = (after?: string[], before?: string[]) =>
      provablyNarrower(
        agreement({ ...program, ...(before && { releases: before }) }),
        agreement({ ...program, ...(after && { releases: after }) }),
      );
    expect([releases(['a']), releases(['a'], ['a', 'b'])]).toEqual([true, true]);
    expect([releases(undefined, ['a']), releases(['a', 'b'], ['a']), releases(['b'], ['a'])]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
