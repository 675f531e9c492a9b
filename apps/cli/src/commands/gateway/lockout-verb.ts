import { type AgreementId, allow, type Decision, parseLocalId } from '@interlock/domain';
import type { Command } from 'commander';
import { cut } from '../grant/cut-verbs.js';
import { asPerson, type PersonOptions, sessionAt } from '../login/login-commands.js';
import { perform, type Shown, WrongUsage, waitingFor } from '../perform.js';
import { agreementId, port } from '../read-arguments.js';
import { setLockout } from './local-hand.js';

interface LockoutOptions extends PersonOptions {
  readonly reason: string;
  readonly port?: number;
  readonly agreement?: AgreementId;
  readonly out?: string;
  readonly hand?: string;
}

/** `interlock gateway lockout`: at the gateway itself, or as an order that the company's own agent signs. */
export function lockoutVerb(gateway: Command): void {
  asPerson(gateway.command('lockout'))
    .argument('<gateway>', 'the folder of the gateway, on the machine where it runs; with --agreement its name')
    .description('close everything at the gateway at once, until it is lifted there')
    .option('--reason <text>', 'why, for the evidence', 'by hand, at the gateway')
    .option('--port <port>', 'the local port of the gateway, where its folder does not say it', port)
    .option('--agreement <id>', 'have your agent sign the order, and send it under this agreement', agreementId)
    .option('--out <file>', 'with --agreement: also write the signed order to a file, to be carried to the gateway')
    .option('--hand <gateway-folder>', 'with --agreement: also hand it straight to the gateway of this folder')
    .action((at: string, options: LockoutOptions) =>
      perform(options, () =>
        options.agreement === undefined ? atTheGateway(at, options) : ordered(at, options.agreement, options),
      ),
    );
}

async function atTheGateway(folder: string, { reason, ...options }: LockoutOptions): Promise<Decision<Shown>> {
  if (options.out !== undefined || options.hand !== undefined)
    throw new WrongUsage('--out and --hand carry a signed order; name its agreement with --agreement');
  const place = options.port === undefined ? { folder } : { folder, port: options.port };
  const set = await waitingFor('asking the gateway', setLockout(place, reason));
  if (!set.allowed) return set;
  const closed = set.value.closed ?? 0;
  return allow({
    json: { locked: true, closed },
    lines: [`locked; ${closed} live session(s) and flow(s) closed. "interlock gateway unlock" lifts it`],
  });
}

function ordered(name: string, agreement: AgreementId, options: LockoutOptions): Promise<Decision<Shown>> {
  const id = parseLocalId(name);
  if (!id) throw new WrongUsage(`"${name}" is not the name of a gateway, such as plant-gateway`);
  const wish = {
    verb: 'suspend',
    agreementId: agreement,
    target: { kind: 'gateway', id },
    reason: options.reason,
  } as const;
  return cut(sessionAt(options), wish, options);
}
