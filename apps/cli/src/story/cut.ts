import { signedAct } from '@interlock/contracts';
import type { Act, GrantId, LocalId, Signed } from '@interlock/domain';
import { z } from 'zod';
import { BUYER, PRESS } from '../up/demo-companies.js';
import type { Trial } from '../up/trial.js';
import { LEASE_SECONDS } from './agreement-of-the-trial.js';
import { active, approveByProgram, ask } from './ask-and-approve.js';
import { provenBy } from './evidence.js';
import { type Person, signIn } from './person.js';
import { agreementOf, dataGrantOf, remoteGrantOf } from './remembered.js';
import { enterPress, type Login, logIn, meet, type PressSession } from './remote-session.js';
import { eventually, type Step, type StepContext, StepFailed } from './step.js';

const id = (text: string) => text as LocalId;
const cutAnswer = z.object({ act: signedAct });
/** A lease is judged at the gateway's next look at its clock, and told through a tunnel: this much later it is known here. */
const TOLD_WITHIN = 2_000;

/** The buyer cuts; then the whole broker is stopped, and what is open runs by the agreed rule and not a moment longer. */
export const cut: Step = {
  id: 'cut',
  title: 'the buyer cuts; then the broker dies, and nothing outlives its lease',
  async run(context) {
    const { trial, memory, say } = context;
    const agreement = agreementOf(memory);
    const [officer, technician] = await Promise.all([
      signIn(trial.buyer, 'security-officer'),
      signIn(trial.vendor, 'technician'),
    ]);
    const online = await cutOnline(context, officer, technician);
    const offline = await outliveTheBroker(context, officer, technician);
    say('the broker comes back; the gateway delivers what it wrote down meanwhile');
    await trial.startBroker();
    const ended = [...online.sessions, ...offline.sessions];
    const bundle = await provenBy(
      trial,
      trial.buyer,
      { agreement, grant: remoteGrantOf(memory), acts: [...online.acts, ...offline.acts] },
      { kind: 'session.cut' },
      (records) => ended.every((session) => records.some((record) => record.session === session.remote.id)),
    );
    return { shown: [...online.shown, ...offline.shown], bundle };
  },
};

interface Shown {
  readonly sessions: readonly PressSession[];
  readonly acts: readonly Done['act'][];
  readonly shown: readonly string[];
}

async function cutOnline({ trial, memory, say }: StepContext, officer: Person, technician: Person): Promise<Shown> {
  const agreementId = agreementOf(memory).document.id;
  const [remote, data] = [remoteGrantOf(memory).document.id, dataGrantOf(memory).document.id];
  const session = await liveSession(trial, technician, remote, memory.session as PressSession | undefined);
  const spare = await logIn(technician, remote);
  say('the buyer revokes the grant while ssh is open');
  const revoked = await cutNow(officer, agreementId, { kind: 'grant', id: remote });
  const dead = await ends(session, revoked.at);
  const again = await refusedAgain(trial, spare, remote);
  say('the buyer revokes the flow');
  const flow = await cutNow(officer, agreementId, { kind: 'grant', id: data });
  const flowDead = await flowEnds(trial, data, flow.at);
  return {
    sessions: [session],
    acts: [revoked.act, flow.act],
    shown: [
      `ssh was dead ${dead} ms after the buyer signed, and a login of before the cut was refused: ${again}`,
      `the flow was dead ${flowDead} ms after the buyer signed`,
    ],
  };
}

async function outliveTheBroker(
  { trial, memory, say }: StepContext,
  officer: Person,
  technician: Person,
): Promise<Shown> {
  const agreementId = agreementOf(memory).document.id;
  say('two new sessions; then every service of the broker and both buses are stopped');
  const grant = await newGrant(trial, technician, agreementId);
  const [kept, handed] = await Promise.all([
    enterPress(trial, technician, grant),
    enterPress(trial, technician, grant),
  ]);
  await trial.stopBroker();
  const stopped = performance.now();
  const alive = await kept.run('hostname');
  say('the buyer hands a cut straight to its own gateway');
  const byHand = await cutByHand(trial, officer, agreementId, handed);
  say('the other session runs to the end of its lease');
  const lapsed = await kept.over;
  const after = lapsed.at - stopped;
  if (lapsed.code !== 'lease_over') throw new StepFailed(`the session ended with ${lapsed.code}`);
  if (after > LEASE_SECONDS * 1000 + TOLD_WITHIN)
    throw new StepFailed(`it outlived its lease: ${Math.round(after)} ms`);
  return {
    sessions: [kept, handed],
    acts: [byHand.act],
    shown: [
      `with the whole broker stopped ssh still answered ${JSON.stringify(alive)}`,
      `a cut handed to the plant's own gateway took ${byHand.ms} ms with the broker dead`,
      `the other session ended ${(after / 1000).toFixed(1)} s after the broker was gone: its lease is ${LEASE_SECONDS} s`,
    ],
  };
}

interface Done {
  readonly act: Signed<Act> & { signatures: z.infer<typeof signedAct>['signatures'] };
  readonly at: number;
}

async function cutNow(officer: Person, agreementId: string, target: unknown): Promise<Done> {
  const at = performance.now();
  const { act } = await officer.post(
    '/acts',
    { verb: 'revoke', agreementId, target, reason: 'the plant needs the machine' },
    cutAnswer,
  );
  return { act, at };
}

async function liveSession(
  trial: Trial,
  technician: Person,
  grant: GrantId,
  before: PressSession | undefined,
): Promise<PressSession> {
  const alive = await before?.run('hostname').catch(() => undefined);
  return before && alive === PRESS ? before : enterPress(trial, technician, grant);
}

async function ends(session: PressSession, since: number): Promise<number> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new StepFailed('the session outlived its cut')), 5_000).unref(),
  );
  const { code, at } = await Promise.race([session.over, late]);
  if (code !== 'taken_away' && code !== 'status_invalid')
    throw new StepFailed(`the session ended with ${code}, not by the cut`);
  return Math.round(at - since);
}

/** With a login of before the cut, which is not stale: only the cut can be what refuses it. */
async function refusedAgain(trial: Trial, login: Login, grant: GrantId): Promise<string> {
  const again = await meet(trial, login, grant);
  if (again.allowed) throw new StepFailed('a revoked grant let somebody in again');
  return again.refusal.code;
}

const gatewayState = z.object({ flows: z.array(z.string()) });

async function flowEnds(trial: Trial, grant: GrantId, since: number): Promise<number> {
  return eventually('the flow is dead', async () => {
    const response = await fetch(`http://127.0.0.1:${trial.state.port('plantGateway')}/state`);
    const { flows } = gatewayState.parse(await response.json());
    return flows.includes(grant) ? undefined : Math.round(performance.now() - since);
  });
}

async function newGrant(trial: Trial, technician: Person, agreementId: string): Promise<GrantId> {
  const now = Date.now();
  const asked = await ask(technician, {
    agreementId: agreementId as never,
    kind: 'remote-service',
    resources: [{ owner: BUYER.organisation, id: PRESS }],
    actions: [id('ssh')],
    purpose: id('inspection'),
    ticket: 'INC-20482',
    windows: [{ from: now - 1_000, to: now + 3_600_000 }],
  });
  const approve = async (person: string) => approveByProgram(await signIn(trial.buyer, person), asked);
  await Promise.all([approve('shift-lead'), approve('plant-engineer')]);
  await active(trial.buyer, asked);
  return asked;
}

async function cutByHand(
  trial: Trial,
  officer: Person,
  agreementId: string,
  session: PressSession,
): Promise<{ act: Done['act']; ms: number }> {
  const { act } = await cutNow(officer, agreementId, { kind: 'session', id: session.remote.id });
  const since = performance.now();
  const response = await fetch(`http://127.0.0.1:${trial.state.port('plantGateway')}/acts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ act }),
  });
  if (!response.ok) throw new StepFailed(`the gateway did not take the cut: ${await response.text()}`);
  return { act, ms: await ends(session, since) };
}
