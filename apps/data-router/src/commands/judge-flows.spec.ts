import type {
  Act,
  ActVerb,
  Grant,
  KeyCertificate,
  LocalId,
  OrganisationId,
  StatusList,
  Verdict,
} from '@interlock/domain';
import { digestOf, signDocument, signed } from '@interlock/proof';
import { aCompany, anAgreement, aPartnership, NOW, type Partnership } from '@interlock/testkit/builders';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Changes, flowDocuments } from '../../test/flow-documents.js';
import { type EndpointOf, judgeFlows } from './judge-flows.js';
import type { AgreementDocuments } from './read-agreement.js';

const id = (text: string) => text as LocalId;
const HOUR = 3_600_000;
let who: Partnership;
beforeAll(async () => {
  who = await aPartnership();
});

const regions = (endpointKey = who.gateway.signer.kid): ReadonlyMap<LocalId, EndpointOf> =>
  new Map([[id('eu-1'), { name: id('eu-1'), endpointKey }]]);

const documents = (changes?: Changes) => flowDocuments(who, changes);

const judge = async (given: AgreementDocuments, over = regions(), now = NOW) => {
  const { flows, changesAt } = await judgeFlows(given, over, now);
  const [first] = flows;
  if (!first) throw new Error('nothing was judged');
  return { ...first.route, changesAt };
};
/** The owner ends the whole, dated so; the registry got it at `NOW`. */
async function endedBy(verb: 'terminate' | 'revoke', issuedAt: number, now: number, isPinned = true) {
  const notice = { type: 'notice', terminateSeconds: 3_600, retrievalSeconds: 7_200 } as const;
  const given = await documents({ agreement: { terms: [...anAgreement(who).terms, notice] } });
  const { id: agreementId } = given.material.view;
  const target = { kind: 'agreement', id: agreementId } as const;
  const { organisation } = who.buyer;
  const says = { typ: 'act', v: 1, verb, target, organisation, agreementId, reason: 'test', lifts: null } as const;
  const act: Act = { ...says, sequence: 1, previous: null, issuedAt };
  const signer = verb === 'terminate' ? who.buyer.agreement : who.buyerAgent.signer;
  const held = { act: await signed(act, signer, NOW), digest: digestOf(act), signers: [organisation], heldAt: NOW };
  const material = { ...given.material, acts: [held], ...(!isPinned && { pins: [] }) };
  return judgeFlows({ ...given, material }, regions(), now);
}
const codeOf = async (given: AgreementDocuments, over = regions(), now = NOW) => {
  const route = await judge(given, over, now);
  return route.allowed ? 'routed' : route.refusal.code;
};

const anAct = async (given: AgreementDocuments, verb: ActVerb, target: Act['target'], by = who.buyerAgent) => {
  const act: Act = {
    typ: 'act',
    v: 1,
    verb,
    target,
    organisation: by.signer.organisation,
    agreementId: given.material.view.id,
    reason: 'test',
    lifts: null,
    sequence: 1,
    previous: null,
    issuedAt: NOW - 1_000,
  };
  const signature = await signDocument(act, by.signer, NOW - 1_000);
  return { ...given, standing: { ...given.standing, acts: [{ document: act, signatures: [signature] }] } };
};

describe('a data-collection grant that both companies signed', () => {
  it('has a route from the gateways of its machine to the agreed recipients, until the first of its ends', async () => {
    const route = await judge(await documents());
    expect(route).toMatchObject({
      allowed: true,
      value: {
        owner: who.buyer.organisation,
        resource: { owner: who.buyer.organisation, id: 'press-7' },
        gateways: ['plant-gateway'],
        recipients: [who.vendor.organisation],
        regions: ['eu-1'],
        retentionSeconds: 86_400,
        endsAt: NOW + HOUR,
      },
    });
    expect(route.changesAt).toBe(NOW + HOUR);
  });

  it('ends no later than the certificate of its last gateway', async () => {
    const route = await judge(await documents({ gateway: { notAfter: NOW + 60_000 } }));
    expect(route).toMatchObject({ allowed: true, value: { endsAt: NOW + 60_000 } });
    expect(route.changesAt).toBe(NOW + 60_000);
  });

  it('has its route from whoever was certified to inspect it where both signed it to be inspected', async () => {
    const terms = anAgreement(who).terms.map((term) =>
      term.type === 'data-collection' ? { ...term, inspection: 'region' } : term,
    );
    const door: Partial<KeyCertificate> = {
      holder: { kind: 'gateway', id: id('eu-1-door') },
      purposes: ['inspect', 'call'],
    };
    const inRegion = await judge(await documents({ agreement: { terms }, gateway: door }));
    expect(inRegion).toMatchObject({ allowed: true, value: { gateways: ['eu-1-door'] } });
    expect(await codeOf(await documents({ agreement: { terms } }))).toBe('not_on_provisioning_list');
    expect(await codeOf(await documents({ gateway: door }))).toBe('not_on_provisioning_list');
  });

  it('is fetched for as long as was agreed after an end that came now, whatever its signer dated it', async () => {
    for (const issuedAt of [0, NOW - 86_400_000, NOW + 1_800_000]) {
      expect(await endedBy('revoke', issuedAt, NOW)).toMatchObject({ retrievalUntil: NOW + 2 * HOUR });
      expect(await endedBy('revoke', issuedAt, NOW - 1)).toMatchObject({ retrievalUntil: NOW - 1 + 2 * HOUR });
    }
    for (const issuedAt of [0, NOW - 86_400_000]) {
      expect((await endedBy('terminate', issuedAt, NOW)).flows[0]?.route.allowed).toBe(true);
      expect(await endedBy('terminate', issuedAt, NOW + HOUR)).toMatchObject({ retrievalUntil: NOW + 3 * HOUR });
    }
  });

  it('is erased where it is stored when the time to fetch it is over, and never by what nobody can verify', async () => {
    const retrievalOver = async (now: number, isPinned?: boolean) =>
      (await endedBy('revoke', NOW, now, isPinned)).retrievalOver;
    expect(await retrievalOver(NOW + 2 * HOUR - 1)).toBe(false);
    expect(await retrievalOver(NOW + 2 * HOUR)).toBe(true);
    const longAfterTerm = NOW + 100 * 365 * 24 * HOUR;
    expect(await retrievalOver(longAfterTerm)).toBe(true);
    expect(await retrievalOver(longAfterTerm, false)).toBe(false);
  });

  it('is judged again when its window opens', async () => {
    const route = await judge(await documents({ grant: { windows: [{ from: NOW + 5_000, to: NOW + HOUR }] } }));
    expect(route).toMatchObject({ allowed: false, refusal: { code: 'outside_window' }, changesAt: NOW + 5_000 });
  });

  it('keeps its route against an act that no party signed', async () => {
    const given = await documents();
    const stranger = await (await aCompany('third.example', NOW)).holder('agent', 'agent', ['narrow']);
    const target = { kind: 'grant' as const, id: given.standing.flows[0]?.document.id as Grant['id'] };
    expect(await codeOf(await anAct(given, 'revoke', target, stranger))).toBe('routed');
  });
});

describe('a grant has no route', () => {
  it.each<[string, Changes, string]>([
    ['under a suspended agreement', { status: 'suspended' }, 'taken_away'],
    ['under an ended agreement', { status: 'ended' }, 'taken_away'],
    ['after its window', { grant: { windows: [{ from: NOW - HOUR, to: NOW }] } }, 'outside_window'],
    [
      'for a machine no gateway is certified for',
      { gateway: { resources: [id('press-8')] } },
      'not_on_provisioning_list',
    ],
    ['where the gateway may only call', { gateway: { purposes: ['call'] } }, 'not_on_provisioning_list'],
    ['where the gateway is certified no longer', { gateway: { notAfter: NOW } }, 'not_on_provisioning_list'],
    ['for a product that was not agreed', { grant: { actions: [id('everything')] } }, 'action_not_agreed'],
    ['for a purpose that was not agreed', { grant: { purpose: id('resale') } }, 'purpose_not_agreed'],
    [
      'for a subject that can open nothing',
      {
        grant: {
          subjects: [{ organisation: 'alpine-presses.example' as OrganisationId, kind: 'workload', id: id('other') }],
        },
      },
      'subject_unknown',
    ],
  ])('%s', async (_why, changes, code) => {
    expect(await codeOf(await documents(changes))).toBe(code);
  });

  it('in a region whose endpoint shows a key that the agreement does not name', async () => {
    expect(await codeOf(await documents(), regions(who.approver.signer.kid))).toBe('endpoint_not_agreed');
  });

  it('in a region that is not operated here', async () => {
    expect(await codeOf(await documents(), new Map())).toBe('region_not_agreed');
  });

  it('when an embargo verdict that the agreement asks for is missing', async () => {
    const term = {
      type: 'embargo' as const,
      party: who.vendor.organisation,
      issuers: [id('eu')],
      maxAgeSeconds: 3_600,
    };
    const { terms } = anAgreement(who);
    expect(await codeOf(await documents({ agreement: { terms: [...terms, term] } }))).toBe('embargo_unknown');
  });

  it.each<[string, Act['target']['kind'], () => string]>([
    ['the grant', 'grant', () => 'grt_0123456789abcdefghjkmnpqrs'],
    ['the key of an approver', 'key', () => who.approver.signer.kid],
  ])('when an act of a party took away %s', async (_what, kind, name) => {
    const given = await documents();
    expect(await codeOf(await anAct(given, 'revoke', { kind, id: name() } as Act['target']))).toBe('taken_away');
  });

  it('when a status list calls it invalid', async () => {
    const given = await documents();
    const list: StatusList = {
      typ: 'status-list',
      v: 1,
      organisation: who.buyer.organisation,
      agreementId: given.material.view.id,
      sequence: 1,
      invalid: ['grt_0123456789abcdefghjkmnpqrs'],
      issuedAt: NOW - 1_000,
      expiresAt: NOW + HOUR,
    };
    const statusLists = [await signed(list, who.buyerAgent.signer, NOW - 1_000)];
    const listed = { ...given, standing: { ...given.standing, statusLists } } as AgreementDocuments;
    expect(await codeOf(listed)).toBe('status_invalid');
  });

  it('when a character of what was signed is other', async () => {
    const given = await documents();
    const [flow] = given.standing.flows;
    if (!flow) throw new Error('no flow');
    const altered = { ...flow, document: { ...flow.document, windows: [{ from: NOW - HOUR, to: NOW + 2 * HOUR }] } };
    const flows = [altered];
    expect(await codeOf({ ...given, standing: { ...given.standing, flows } })).toBe('bad_signature');
  });

  it('when the registry hands out another root than the one in the agreement', async () => {
    const given = await documents();
    const pins = given.material.pins.map((pin) => ({ ...pin, root: who.approver.signer.kid }));
    expect(await codeOf({ ...given, material: { ...given.material, pins } })).toBe('root_mismatch');
  });
});

describe('retrieval', () => {
  it('is owed by a route where it was agreed, to its end and for windows that both signed', async () => {
    const owed = async (retrievalSeconds: number) => {
      const terms = [...anAgreement(who).terms, { type: 'notice', terminateSeconds: 0, retrievalSeconds }];
      const judged = await judge(await documents({ agreement: { terms } }));
      return judged.allowed && judged.value.owed;
    };
    expect(await owed(0)).toBeUndefined();
    expect(await owed(60)).toEqual({ until: anAgreement(who).endsAt + 60_000, windowEndsAt: NOW + HOUR });
  });

  it('is over by the newest word of a party against its lists, whatever else is wrong with the flow', async () => {
    const { organisation } = who.buyer;
    const embargo = { type: 'embargo', party: organisation, issuers: [id('eu')], maxAgeSeconds: 3_600 } as const;
    const given = await documents({ agreement: { terms: [...anAgreement(who).terms, embargo] }, status: 'suspended' });
    const grant = digestOf(given.standing.flows[0]?.document);
    const word = (outcome: Verdict['outcome'], issuedAt: number) => {
      const said = { typ: 'verdict', v: 1, kind: 'embargo', organisation, grant, outcome, issuedAt } as const;
      return signed({ ...said, snapshot: grant, expiresAt: NOW + HOUR }, who.buyerAgent.signer, NOW);
    };
    const after = async (...verdicts: AgreementDocuments['standing']['verdicts']) =>
      (await judgeFlows({ ...given, standing: { ...given.standing, verdicts } }, regions(), NOW)).embargoed.has(grant);
    const [yes, no, again] = [await word('clear', NOW - 2), await word('blocked', NOW - 1), await word('clear', NOW)];
    const heard = [await after(yes), await after(yes, no), await after(no, again)];
    expect(heard).toEqual([false, true, false]);
  });
});
