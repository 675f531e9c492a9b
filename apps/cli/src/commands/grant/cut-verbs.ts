import { readSettings, writeDurably } from '@interlock/company-side';
import {
  type ActTarget,
  type AgreementId,
  allow,
  type Decision,
  type GrantId,
  type Instant,
  parseLocalId,
  parseSessionId,
  parseThumbprint,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { type Command, InvalidArgumentError } from 'commander';
import { handAct } from '../gateway/local-hand.js';
import type { AgentCall } from '../login/ask-agent.js';
import { asPerson, type PersonOptions, sessionAt } from '../login/login-commands.js';
import { perform, refusalWords, type Shown, tell, WrongUsage, waitingFor } from '../perform.js';
import { carriedAct } from '../read-act.js';
import { agreementId, grantId, instant } from '../read-arguments.js';
import { type CutWish, showGrant, signCut } from './ask-for-grant.js';

export interface CutOptions extends PersonOptions {
  readonly reason: string;
  readonly agreement?: AgreementId;
  readonly out?: string;
  readonly hand?: string;
}

export const withCut = (command: Command): Command =>
  asPerson(command)
    .requiredOption('--reason <text>', 'why; the partner reads it')
    .option('--out <file>', 'also write the signed act to a file, to be carried to a gateway')
    .option('--hand <gateway-folder>', 'also hand it straight to the gateway of this folder, broker dead or not');

/** `interlock grant revoke`, and the same for a session, a person, a machine or a key. */
export function revokeVerbs(grant: Command): void {
  withCut(grant.command('revoke'))
    .argument('<id>', 'the grant, by its id (grt_...)', grantId)
    .option('--agreement <id>', 'its agreement, where the broker cannot be asked for it', agreementId)
    .description('take a grant away; live sessions and flows under it end at once')
    .action((id: GrantId, options: CutOptions) =>
      perform(options, async () => {
        const call = sessionAt(options);
        const of = await agreementOf(call, id, options.agreement);
        if (!of.allowed) return of;
        return cut(
          call,
          { verb: 'revoke', agreementId: of.value, target: { kind: 'grant', id }, reason: options.reason },
          options,
        );
      }),
    );
  withCut(grant.command('revoke-own'))
    .argument(
      '<kind:id>',
      'session:ses_..., person:id, machine:id, workload:id, resource:id or key:THUMBPRINT',
      ownTarget,
    )
    .requiredOption('--agreement <id>', 'the agreement under which it may no longer act', agreementId)
    .option('--retired <time>', 'of a key: what was proven to be signed before this time still counts', instant)
    .option('--compromised <time>', 'of a key that others may have: the same, and the reason says so', instant)
    .description('take away a session, a resource, or what a person, a machine or a key of your own company may do')
    .action((named: ActTarget, options: RevokeOptions) =>
      perform(options, async () => {
        const target = endedTarget(named, options);
        const wish = { verb: 'revoke' as const, agreementId: options.agreement, target, reason: options.reason };
        return cut(sessionAt(options), wish, options);
      }),
    );
}

/** `interlock agreement suspend`: one side is enough, and the running agent signs it, since its beats must name it. */
export function suspendVerb(agreement: Command): void {
  withCut(agreement.command('suspend'))
    .argument('<folder>', 'the folder of your company; it says where its agent is')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .description('stop every use of an agreement at once; only both companies together lift it again')
    .action((dir: string, id: AgreementId, options: CutOptions) =>
      perform(options, () => {
        const call = sessionAt({ ...options, agent: options.agent ?? readSettings(dir).agentOrigin });
        const target = { kind: 'agreement' as const, id };
        return cut(call, { verb: 'suspend', agreementId: id, target, reason: options.reason }, options);
      }),
    );
}

async function agreementOf(
  call: AgentCall,
  id: GrantId,
  given: AgreementId | undefined,
): Promise<Decision<AgreementId>> {
  if (given !== undefined) return allow(given);
  const shown = await waitingFor('asking your agent', showGrant(call, id));
  return shown.allowed ? allow(shown.value.grant.document.agreementId) : shown;
}

export async function cut(call: AgentCall, wish: CutWish, { out, hand }: CutOptions): Promise<Decision<Shown>> {
  const signed = await waitingFor('asking your agent to sign it', signCut(call, wish));
  if (!signed.allowed) return signed;
  const { act } = signed.value;
  if (out !== undefined) writeDurably(out, `${JSON.stringify(signed.value, null, 2)}\n`, 0o644);
  const handed = hand === undefined ? undefined : await handAct({ folder: hand }, carriedAct(signed.value));
  if (handed && !handed.allowed) tell(`the gateway did not take it: ${refusalWords(handed.refusal)}`);
  const digest = digestOf(act.document);
  return allow({
    json: { digest, act, ...(out && { file: out }), ...(handed && { handed: handed.allowed }) },
    lines: [
      `signed: ${wish.verb} ${wish.target.kind} ${wish.target.id}`,
      `act ${digest}; every beat of your agent names it from now on`,
      ...(out ? [`written to ${out}; "interlock gateway hand FOLDER ${out}" brings it to a gateway`] : []),
      ...(handed?.allowed ? ['the gateway has it'] : []),
    ],
  });
}

interface RevokeOptions extends CutOptions {
  readonly agreement: AgreementId;
  readonly retired?: Instant;
  readonly compromised?: Instant;
}

/** A key with how and since when it has ended, where that was said; without it nothing the key ever signed counts. */
function endedTarget(target: ActTarget, { retired, compromised }: RevokeOptions): ActTarget {
  const since = retired ?? compromised;
  if (since === undefined) return target;
  if (target.kind !== 'key' || (retired !== undefined && compromised !== undefined))
    throw new WrongUsage('give one of --retired and --compromised, and only with key:THUMBPRINT');
  return { ...target, ended: { how: retired === undefined ? 'compromised' : 'retired', since } };
}

function ownTarget(text: string): ActTarget {
  const colon = text.indexOf(':');
  const [kind, rest] = [text.slice(0, colon), text.slice(colon + 1)];
  const [session, key, local] = [parseSessionId(rest), parseThumbprint(rest), parseLocalId(rest)];
  if (kind === 'session' && session) return { kind, id: session };
  if (kind === 'resource' && local) return { kind, id: local };
  if (kind === 'key' && key) return { kind, id: key };
  if ((kind === 'person' || kind === 'machine' || kind === 'workload') && local) return { kind, id: local };
  throw new InvalidArgumentError(
    `"${text}" is not session:, person:, machine:, workload:, resource: or key: with an id`,
  );
}
