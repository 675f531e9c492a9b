import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { openRemote, type RemoteSession } from '@interlock/client';
import { readPins } from '@interlock/company-side';
import type { Decision, GrantId, LocalId } from '@interlock/domain';
import { newPrivateKey, publicJwkOf, thumbprintOf } from '@interlock/proof';
import ssh2 from 'ssh2';
import { BUYER, PRESS, VENDOR } from '../up/demo-companies.js';
import type { Trial } from '../up/trial.js';
import type { Person } from './person.js';
import { must, StepFailed } from './step.js';

/** One technician's live session on the press: the tunnel, and an SSH client that talks through it. */
export interface PressSession {
  readonly remote: RemoteSession;
  readonly loginProof: string;
  /** Runs one command over SSH and returns what it printed. */
  run(command: string): Promise<string>;
  /** Resolves with the gateway's word when the session is over, and when that was (milliseconds, monotonic). */
  readonly over: Promise<{ readonly code: string; readonly at: number }>;
}

/** A key made for one session, and the vendor's word that the technician holds it. */
export interface Login {
  readonly key: KeyObject;
  readonly loginProof: string;
}

/** Logs in at the vendor's identity provider for a key made for this session. */
export async function logIn(technician: Person, grant: GrantId): Promise<Login> {
  const key = newPrivateKey();
  return { key, loginProof: await technician.loginProof(grant, thumbprintOf(publicJwkOf(key))) };
}

/** Asks the broker for admission and meets the gateway. Refused where either says no. */
export const meet = (trial: Trial, { key, loginProof }: Login, grant: GrantId): Promise<Decision<RemoteSession>> =>
  openRemote({
    brokerOrigin: trial.broker.origin,
    organisation: VENDOR.organisation,
    pins: readPins(trial.vendor.dir),
    key,
    loginProof,
    grant,
    resource: { owner: BUYER.organisation, id: PRESS },
    action: 'ssh' as LocalId,
    now: Date.now,
  });

/** Logs in and enters, with an SSH client at the end of the tunnel. */
export async function enterPress(trial: Trial, technician: Person, grant: GrantId): Promise<PressSession> {
  const login = await logIn(technician, grant);
  const remote = must('entering press-7', await meet(trial, login, grant));
  const stream = must('opening ssh', await remote.session.openStream('ssh' as LocalId));
  const client = await connectSsh(stream, trial.state.secret('press.password'));
  const over = remote.session.closed.then(({ code }) => ({ code, at: performance.now() }));
  return { remote, loginProof: login.loginProof, run: (command) => runCommand(client, command), over };
}

async function connectSsh(sock: Duplex, password: string): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  // A cut resets the stream under the client; that is the session's word to say, not a fault of this program.
  client.on('error', () => undefined);
  sock.on('error', () => undefined);
  client.connect({ sock, username: 'service', password, readyTimeout: 10_000 });
  await Promise.race([
    once(client, 'ready'),
    once(client, 'close').then(() => {
      throw new StepFailed('the press closed the SSH connection');
    }),
  ]);
  return client;
}

function runCommand(client: ssh2.Client, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new StepFailed(`"${command}" got no answer`)), 5_000);
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let said = '';
      channel.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
      channel.on('close', () => {
        clearTimeout(late);
        resolve(said.trim());
      });
    });
  });
}
