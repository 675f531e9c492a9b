import { createHash } from 'node:crypto';
import { encodePublicKey } from '@interlock/proof';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aFlow, anAgreement } from '../test/agreements.js';
import { accountClaims } from './account-claims.js';
import type { BusAgreement, BusFlow, BusInput, BusPlan } from './bus-plan.js';
import { compileBus } from './compile.js';
import { flowKey, publisherAccount, recipientAccount, streamName } from './names.js';
import { regionKeys } from './region-keys.js';

const keyOf = (name: string): string => encodePublicKey('account', createHash('sha256').update(name).digest());
const compile = (input: BusInput): BusPlan => compileBus(input, keyOf);

const organisations = ['plant.example', 'vendor.example', 'third.example'];
const name = fc.constantFrom('a', 'b', 'c', 'a.b', 'a/b', 'a b', '*', '>', 'ä');
const flow: fc.Arbitrary<BusFlow> = fc.record({
  flowId: name,
  region: fc.constantFrom('eu', 'us'),
  publisher: fc.record({ organisation: fc.constantFrom(...organisations), gateway: fc.constantFrom('g1', 'g2') }),
  recipients: fc.uniqueArray(fc.constantFrom(...organisations), { minLength: 1 }),
  maxBytes: fc.integer({ min: 1, max: 1_000_000 }),
  retentionSeconds: fc.constantFrom(60, 3_600),
});
const uniqueFlows = fc.uniqueArray(flow, { maxLength: 6, selector: ({ flowId, region }) => `${region} ${flowId}` });
const agreement = (flows: fc.Arbitrary<BusFlow[]>): fc.Arbitrary<BusAgreement> =>
  fc.record({
    agreementId: fc.constantFrom('agr_1', 'agr_2', 'agr_3', 'agr_1.a', 'agr_1","a'),
    agreementDigest: fc.constantFrom('sha256:x', 'sha256:y'),
    organisations: fc.shuffledSubarray(organisations, { minLength: 2 }),
    flows,
    drains: fc.array(flow, { maxLength: 3 }),
  });
const valid: fc.Arbitrary<BusInput> = fc.record({
  region: fc.constantFrom('eu', 'us'),
  agreements: fc
    .uniqueArray(agreement(uniqueFlows), { maxLength: 4, selector: ({ agreementId }) => agreementId })
    .map((all) => all.map((each) => ({ ...each, organisations }))),
});
const anything: fc.Arbitrary<BusInput> = fc.record({
  region: fc.constantFrom('eu', 'us'),
  agreements: fc.array(agreement(fc.array(flow, { maxLength: 4 })), { maxLength: 4 }),
});

/** One right on the bus, in words: who may do what with which flow of which agreement. */
type Right = string;
const right = (...parts: string[]): Right => JSON.stringify(parts);

/** The naive oracle: reads the agreements flow by flow and knows nothing of accounts, streams or subjects. */
function owed({ region, agreements }: BusInput): Set<Right> {
  const rights = new Set<Right>();
  for (const { agreementId, flows, drains = [] } of agreements) {
    for (const each of [...flows, ...drains]) {
      if (each.region !== region) continue;
      const { organisation, gateway } = each.publisher;
      if (flows.includes(each)) rights.add(right('publish', agreementId, each.flowId, organisation, gateway));
      for (const recipient of each.recipients) rights.add(right('read', agreementId, each.flowId, recipient));
    }
  }
  return rights;
}

/** What a plan really lets through: follows every import into the region account, and believes no label of the plan. */
function granted({ region, agreements }: BusInput, plan: BusPlan): Right[] {
  const flowOf = new Map<string, readonly [agreementId: string, flowId: string]>();
  const publisherOf = new Map<string, readonly [organisation: string, gateway: string]>();
  const readerOf = new Map<string, string>();
  const contentOf = new Map<string, Set<string>>();
  for (const { agreementId, flows, drains = [] } of agreements) {
    for (const { flowId, publisher, recipients, retentionSeconds } of here([...flows, ...drains], region)) {
      const stream = streamName(agreementId, publisher, recipients, retentionSeconds);
      contentOf.set(stream, (contentOf.get(stream) ?? new Set()).add(flowKey(agreementId, flowId)));
      const { organisation, gateway } = publisher;
      flowOf.set(flowKey(agreementId, flowId), [agreementId, flowId]);
      publisherOf.set(keyOf(publisherAccount(agreementId, organisation, gateway)), [organisation, gateway]);
      for (const reader of recipients) readerOf.set(keyOf(recipientAccount(agreementId, reader)), reader);
    }
  }
  const flowAt = (subject: string) => flowOf.get(subject.split('.').at(-1) ?? '') ?? ['?', subject];
  const durables = plan.streams.flatMap((stream) =>
    stream.durables
      .filter(({ filterSubject }) => filterSubject === stream.subject)
      .map((each) => [`$JS.API.CONSUMER.MSG.NEXT.${stream.name}.${each.name}`, stream.name] as const),
  );
  return plan.accounts.flatMap(({ publicKey, imports }) =>
    imports.flatMap(({ kind, subject }) => {
      if (kind === 'ack') return [];
      if (kind === 'next') {
        const stream = durables.find(([next]) => next === subject)?.[1] ?? 'no durable';
        const filters = [...(contentOf.get(stream) ?? ['no such stream'])];
        return filters.map((filter) => right('read', ...flowAt(filter), readerOf.get(publicKey) ?? '?'));
      }
      const stored = plan.streams.some((stream) => stream.subject === subject.replace(/[^.]+$/, '*'));
      return [right('publish', ...flowAt(stored ? subject : 'no stream'), ...(publisherOf.get(publicKey) ?? ['?']))];
    }),
  );
}

/** What the users of a plan may do, by the labels their templates give to subjects. */
function labelled(plan: BusPlan): Right[] {
  return plan.templates.flatMap((template) =>
    template.role === 'publisher'
      ? template.flows.map(({ flowId }) =>
          right('publish', template.agreementId, flowId, template.organisation, template.gateway),
        )
      : template.pulls.flatMap(({ flows }) =>
          flows.map(({ flowId }) => right('read', template.agreementId, flowId, template.organisation)),
        ),
  );
}

const here = (flows: readonly BusFlow[], region: string) => flows.filter((each) => each.region === region);

const runs = { numRuns: 200 };

describe('the plan of a region', () => {
  it('grants exactly what the flows of its agreements say', () => {
    fc.assert(
      fc.property(valid, (input) => {
        const plan = compile(input);
        expect(plan.refused).toEqual([]);
        const rights = granted(input, plan);
        expect(new Set(rights)).toEqual(owed(input));
        expect(new Set(labelled(plan))).toEqual(new Set(rights));
      }),
      runs,
    );
  });

  it('never widens: whatever the input, no right that no flow says', () => {
    fc.assert(
      fc.property(anything, (input) => {
        const owes = owed(input);
        for (const each of granted(input, compile(input))) expect(owes.has(each)).toBe(true);
      }),
      runs,
    );
  });

  it('does not lose or gain a right elsewhere when an agreement is added or removed', () => {
    fc.assert(
      fc.property(valid, (input) => {
        const whole = compile(input);
        for (const one of input.agreements) {
          const alone = compile({ ...input, agreements: [one] });
          for (const part of ['accounts', 'streams', 'templates'] as const) {
            for (const each of alone[part]) expect(whole[part]).toContainEqual(each);
          }
        }
      }),
      runs,
    );
  });

  it('is the same for the same agreements in any order', () => {
    fc.assert(
      fc.property(
        anything.chain((input) =>
          fc.tuple(
            fc.constant(input),
            fc.shuffledSubarray([...input.agreements], { minLength: input.agreements.length }),
          ),
        ),
        ([input, shuffled]) => {
          const agreements = shuffled.map((each) => ({
            ...each,
            organisations: [...each.organisations].reverse(),
            flows: each.flows.map((one) => ({ ...one, recipients: [...one.recipients].reverse() })).reverse(),
            drains: [...(each.drains ?? [])].reverse(),
          }));
          const [one, two] = [compile(input), compile({ ...input, agreements })];
          expect({ ...two, refused: [] }).toEqual({ ...one, refused: [] });
          expect(two.refused.map(({ agreementId }) => agreementId)).toEqual(
            one.refused.map((each) => each.agreementId),
          );
        },
      ),
      runs,
    );
  });

  it('names only by subjects of its own: no wildcard but after an own durable, no name of a company or thing', () => {
    fc.assert(
      fc.property(valid, (input) => {
        const plan = compile(input);
        const of = new Map<string, string>();
        for (const { account, imports } of plan.accounts.map((each) => ({
          account: each.name,
          imports: each.imports,
        }))) {
          const agreementId = plan.templates.find((each) => each.account === account)?.agreementId ?? '';
          for (const { subject, localSubject, kind } of imports) {
            expect(localSubject.replace(/\.>$/, '')).toMatch(/^[A-Za-z0-9$._]+$/);
            expect(localSubject.endsWith('.>')).toBe(kind === 'ack');
            for (const text of [subject, localSubject]) {
              expect(of.get(text) ?? agreementId).toBe(agreementId);
              of.set(text, agreementId);
              expect(text).not.toMatch(/example|agr_|sha256/);
            }
          }
        }
        for (const stream of plan.streams) {
          expect(stream.subject.replace(/\.\*$/, '')).toMatch(/^[A-Za-z0-9.]+$/);
        }
      }),
      runs,
    );
  });
});

describe('who reads a stream', () => {
  it('never changes under its name, so that a new reader gets nothing from before it was one', () => {
    const readers = (input: BusInput) =>
      compile(input).streams.map(({ name: stream, durables }) => [stream, durables.map((each) => each.name)] as const);
    fc.assert(
      fc.property(valid, valid, (before, after) => {
        const then = new Map(readers(before));
        for (const [stream, now] of readers(after)) expect(then.get(stream) ?? now).toEqual(now);
      }),
      runs,
    );
  });

  it('goes on reading what an earlier version stored, which nobody publishes any more', () => {
    const both = anAgreement('one', { flows: [aFlow('a', { recipients: ['vendor.example', 'plant.example'] })] });
    const [before, after] = [
      compile({ region: 'eu', agreements: [anAgreement('one', { flows: [aFlow('a')] })] }),
      { ...both, drains: [aFlow('a')] },
    ];
    const plan = compile({ region: 'eu', agreements: [after] });
    expect(plan.streams).toContainEqual(before.streams[0]);
    expect(plan.streams).toHaveLength(2);
    const published = plan.accounts.flatMap(({ imports }) => imports.filter(({ kind }) => kind === 'publish'));
    expect(published).toHaveLength(1);
    expect(published[0]?.subject).not.toContain(before.streams[0]?.name);
    const own = plan.templates.filter((each) => each.role === 'recipient');
    expect(own.map((each) => [each.organisation, each.role === 'recipient' && each.pulls.length]).sort()).toEqual([
      ['plant.example', 1],
      ['vendor.example', 2],
    ]);
  });
});

describe('the account of a plan', () => {
  const keys = regionKeys(Buffer.alloc(32, 4));

  it('imports through the token that holds its own key, offers nothing and stores nothing', () => {
    fc.assert(
      fc.property(valid, (input) => {
        const plan = compileBus(input, (account) => keys.accountKeys(account).publicKey);
        for (const account of plan.accounts) {
          const { nats } = accountClaims(account, keys, {}, 1);
          expect(nats.exports).toEqual([]);
          expect(nats.limits).toMatchObject({ mem_storage: 0, disk_storage: 0, streams: 0, consumer: 0, leaf: 0 });
          expect(nats.imports).toHaveLength(nats.limits.imports);
          const at = { publish: 1, next: 6, ack: 3 } as const;
          for (const { kind, subject } of account.imports) expect(subject.split('.')[at[kind]]).toBe(account.publicKey);
        }
      }),
      { numRuns: 50 },
    );
  });
});
