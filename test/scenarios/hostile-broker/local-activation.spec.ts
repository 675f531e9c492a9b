import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openRemote } from '@interlock/client';
import { type ConnectorSession, newId } from '@interlock/company-side';
import type { Admission } from '@interlock/contracts';
import { type Activation, allow, type Decision, type Dormancy, type LocalId } from '@interlock/domain';
import { digestOf, newPrivateKey, publicJwkOf, signed, thumbprintOf } from '@interlock/proof';
import { anAgreement, aPartnership, BUYER, type Right, rightUnder, VENDOR } from '@interlock/testkit/builders';
import { describe, expect, it } from '@jest/globals';
import { revocation, speech } from './honest-agents.js';
import { aPlant, echo, local, opened, type Plant, ready, stateOf, tokenOf, until } from './plant.js';

const id = (text: string) => text as LocalId;

async function aPlantWithLocal(): Promise<Plant> {
  const { terms } = anAgreement(await aPartnership(Date.now()));
  const mode = (term: (typeof terms)[number]) => (term.type === 'offline' ? { ...term, mode: 'local' } : term);
  return aPlant({ changes: { agreement: { terms: terms.map(mode) } } });
}

/** A grant that both sides signed beforehand, for the one key of one technician and one approver of the plant. */
async function aDormantGrant(plant: Plant, over: Partial<Dormancy> = {}) {
  const { who, agreement } = plant.right;
  const key = newPrivateKey();
  const leaf = thumbprintOf(publicJwkOf(key));
  const dormant = { subjectKeys: [leaf], approverKeys: [who.approver.signer.kid], seconds: 600, uses: 2, ...over };
  const windows = [{ from: Date.now() - 1_000, to: Date.now() + 3_600_000 }];
  const right = await rightUnder(
    who,
    agreement,
    { grant: { id: newId('grt') as never, dormant, windows } },
    Date.now(),
  );
  return { key, leaf, right };
}
type Dormant = Awaited<ReturnType<typeof aDormantGrant>>;

async function activate(
  plant: Plant,
  { leaf, right }: Dormant,
  over: Partial<Activation> = {},
  by = plant.right.who.approver.signer,
  token = tokenOf(plant),
) {
  const { activationNonce: nonce } = (await stateOf(plant)) as unknown as { activationNonce: string };
  const activation: Activation = {
    ...{ typ: 'activation', v: 1, organisation: BUYER, gateway: plant.right.who.gateway.id, nonce, leaf },
    ...{ grant: digestOf(right.grant), resource: id('press-7'), action: id('ssh'), at: Date.now() },
    ...{ reason: 'the press stands and the line to the broker is cut', ...over },
  };
  const body = { grant: right.chain.grant, activation: await signed(activation, by, Date.now()) };
  const answered = await local(plant, 'POST', '/activations', body, token);
  const said = (await answered.json()) as Record<string, string>;
  return { status: answered.status, said, body };
}

/** Comes as the subject, as it would with the broker's admission: the connector believes the gateway by the chain alone. */
async function come(
  plant: Plant,
  { said }: Awaited<ReturnType<typeof activate>>,
  { right }: Dormant,
  key: Dormant['key'],
): Promise<Decision<ConnectorSession>> {
  const remote = await openRemote({
    ...{ brokerOrigin: 'http://127.0.0.1:9', organisation: VENDOR, pins: plant.right.who.pins, key, loginProof: null },
    ...{ grant: right.grant.id, resource: { owner: BUYER, id: id('press-7') }, action: id('ssh'), now: Date.now },
    activated: said as unknown as Admission,
  });
  return remote.allowed ? allow(remote.value.session) : remote;
}

async function inside(plant: Plant, dormant: Dormant): Promise<ConnectorSession> {
  const activated = await activate(plant, dormant);
  expect(activated).toMatchObject({ status: 200 });
  const session = await come(plant, activated, dormant, dormant.key);
  if (!session.allowed) throw new Error(session.refusal.code);
  expect(await echo(session.value, 'status\n')).toBe('status\n');
  return session.value;
}

describe('a dormant grant', () => {
  it('is activated by an approver at the gateway, with the broker dead since before the gateway started', async () => {
    await using plant = await aPlantWithLocal();
    await ready(plant);
    const dormant = await aDormantGrant(plant);
    await plant.broker.stop();
    await plant.restart(undefined, { alone: true });
    expect((await stateOf(plant)).agreements).toHaveLength(1);
    const session = await inside(plant, dormant);
    // On the gateway's own disk before the first byte, and loud: no ordinary opening says so.
    const [record = ''] = written(plant).filter((one) => one.includes('session.activated'));
    // Why and by whom lies beside the record, in what opens it.
    const { entry } = JSON.parse(record) as { entry: { opened: readonly string[] } };
    const opens = entry.opened.map((one) => Buffer.from(one, 'base64url').toString());
    expect(opens.join('\n')).toContain('first-approver: the press stands');
    // Its uses are counted on the disk, whatever restarts.
    await inside(plant, dormant);
    session.close();
    await plant.restart(undefined, { alone: true });
    const spent = await come(plant, await activate(plant, dormant), dormant, dormant.key);
    expect(spent).toMatchObject({ allowed: false, refusal: { code: 'uses_spent' } });
    // One that its company called invalid by a beat, while somebody keeps the act back, is so after a restart too.
    const taken = await aDormantGrant(plant);
    const { buyer, buyerAgent } = plant.right.who;
    const act = revocation(taken.right);
    const said = await speech(plant.right, buyer, buyerAgent, null, [act]);
    expect((await local(plant, 'POST', '/beats', said)).status).not.toBe(200);
    await plant.restart(undefined, { alone: true });
    expect((await activate(plant, taken)).said.code).toBe('status_invalid');
  }, 40_000);

  it('opens nothing by any other way, and nothing but a dormant grant is activated', async () => {
    await using plant = await aPlantWithLocal();
    await ready(plant);
    const dormant = await aDormantGrant(plant, { uses: 9 });
    const { chain } = dormant.right;
    // The broker offers it like any other grant, with an honest login.
    const ask = {
      chain,
      grant: dormant.right.grant.id,
      loginProof: dormant.right.loginProof,
      leaf: dormant.right.leaf,
    };
    expect(await refusedWith(plant, dormant.right, ask)).toBe('not_activated');
    const { who } = plant.right;
    const code = async (...more: Parameters<typeof activate> extends [unknown, unknown, ...infer R] ? R : never) => {
      const { status, said } = await activate(plant, dormant, ...more);
      return status === 200 ? 'opened' : said.code;
    };
    expect(await code({}, who.secondApprover.signer)).toBe('activation_unfit');
    expect(await code({}, who.technician.signer)).not.toBe('opened');
    expect(await code({ grant: digestOf(plant.right.grant) })).toBe('activation_unfit');
    expect(await code({ gateway: id('other-gateway') })).toBe('activation_unfit');
    expect(await code({ nonce: 'a nonce of yesterday' })).toBe('activation_unfit');
    expect(await code({ leaf: plant.right.leaf })).toBe('not_the_holder');
    expect(await code({ resource: id('press-8') })).toBe('outside_grant');
    expect(await code({ action: id('vnc') })).toBe('outside_grant');
    expect(await code({}, who.approver.signer, 'x'.repeat(43))).toBe('caller_unknown');
    const ordinary = { ...dormant, right: plant.right, leaf: plant.right.leaf };
    expect((await activate(plant, ordinary)).said.code).toBe('not_the_holder');
    const once = await activate(plant, dormant);
    expect(once.status).toBe(200);
    const again = await local(plant, 'POST', '/activations', once.body, tokenOf(plant));
    expect(again.status).toBe(403);
    expect(await come(plant, once, dormant, newPrivateKey())).toMatchObject({ allowed: false });
    expect(plant.machine.bytes()).toBe(0);
  }, 40_000);

  it('ends with its own time, with a cut of either side and with the lock-out, and with nothing that the broker does', async () => {
    await using plant = await aPlantWithLocal();
    const { right, broker } = plant;
    // Where the agreement says local, an ordinary session ends with the broker.
    const ordinary = await opened(plant);
    const short = await inside(plant, await aDormantGrant(plant, { seconds: 2 }));
    const dormant = await aDormantGrant(plant, { uses: 9 });
    const long = await inside(plant, dormant);
    await broker.stop();
    expect(await ordinary.closed).toMatchObject({ code: 'offline_closed' });
    expect(await short.closed).toMatchObject({ code: 'window_over' });
    expect(await echo(long, 'still here\n')).toBe('still here\n');
    const act = await signed(
      revocation(right, {
        organisation: right.who.vendor.organisation,
        target: { kind: 'grant', id: dormant.right.grant.id },
      }),
      right.who.vendorAgent.signer,
      Date.now(),
    );
    expect((await local(plant, 'POST', '/acts', { act })).status).toBe(200);
    expect(await long.closed).toMatchObject({ code: 'taken_away' });
    expect((await activate(plant, dormant)).said.code).toBe('taken_away');
    expect((await local(plant, 'PUT', '/lockout', { reason: 'x' }, tokenOf(plant))).status).toBe(200);
    expect((await activate(plant, await aDormantGrant(plant))).said.code).toBe('lockout');
  }, 40_000);
});

/** The lines of the gateway's journal, as they lie on its disk. */
function written({ folder }: Plant): string[] {
  const journal = join(folder, 'state', 'journal');
  const files = readdirSync(journal).filter((name) => statSync(join(journal, name)).isFile());
  return files.flatMap((name) => readFileSync(join(journal, name), 'utf8').split('\n'));
}

async function refusedWith(plant: Plant, right: Right, over: object): Promise<string> {
  const before = plant.broker.evidence.length;
  const offer = await plant.broker.offer(right, plant.relayPort, over);
  plant.broker.say(offer);
  const found = () => plant.broker.evidence.slice(before).find((one) => one.kind === 'session.refused');
  await until(() => found() !== undefined);
  return found()?.code ?? '';
}
