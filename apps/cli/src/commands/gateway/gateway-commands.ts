import { isIP } from 'node:net';
import { allow, type LocalId, type Provisioning, parseLocalId } from '@interlock/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { readOffer } from '../../up/trial-offer.js';
import { type JsonOption, perform, waitingFor, withJson } from '../perform.js';
import { readAct } from '../read-act.js';
import { gather, type HostPort, hostPort, localId, port } from '../read-arguments.js';
import { runProcess } from '../run-process.js';
import { activateVerb } from './activate-verb.js';
import { type GatewayState, gatewayState, handAct, type LocalPort, liftLockout } from './local-hand.js';
import { lockoutVerb } from './lockout-verb.js';
import { provisionGateway } from './provision-gateway.js';
import { readSources } from './read-sources.js';
import { signalVerb } from './signal-verb.js';

type Target = Provisioning['targets'][number];
type Region = Provisioning['regions'][number];

interface ProvisionFlags extends JsonOption {
  readonly target?: readonly Target[];
  readonly resource?: readonly LocalId[];
  readonly relay?: readonly HostPort[];
  readonly trial?: string;
  readonly region?: readonly Region[];
  readonly scrub?: readonly string[];
  readonly sources?: Provisioning['sources'];
  readonly inspect?: true;
}

interface LocalFlags extends JsonOption {
  readonly port?: number;
}

/** `interlock gateway`: provisioning, and the plant's own hand on the switch. */
export function gatewayCommands(program: Command): void {
  const gateway = program.command('gateway').description("provision a gateway, and the plant's own hand on it");
  provisionVerb(gateway);
  lockoutVerb(gateway);
  signalVerb(gateway);
  activateVerb(gateway);
  const unlock = local(gateway.command('unlock'), 'lift the lock-out; nobody outside the plant can');
  unlock.action((folder: string, options: LocalFlags) =>
    perform(options, async () => {
      const lifted = await waitingFor('asking the gateway', liftLockout(placeOf(folder, options)));
      if (!lifted.allowed) return lifted;
      return allow({ json: { locked: false }, lines: ['lifted; sessions may open again'] });
    }),
  );
  const state = local(gateway.command('state'), 'what the gateway holds and lets through right now');
  state.action((folder: string, options: LocalFlags) =>
    perform(options, async () => {
      const read = await waitingFor('asking the gateway', gatewayState(placeOf(folder, options)));
      return read.allowed ? allow({ json: { ...read.value }, lines: stateLines(read.value) }) : read;
    }),
  );
  handVerb(gateway);
  runVerb(gateway);
}

function runVerb(gateway: Command): void {
  withJson(gateway.command('run'))
    .argument('<gateway-folder>', 'the folder that was provisioned for it')
    .description('run a gateway until Ctrl-C: it dials out, verifies, and enforces')
    .option('--port <port>', "the plant's local port; a free one where left out", port)
    .action((folder: string, options: JsonOption & { port?: number }) =>
      perform(options, async () => {
        const at: Record<string, string> =
          options.port === undefined ? {} : { GATEWAY_LOCAL_PORT: String(options.port) };
        await runProcess('edge-gateway', { GATEWAY_FOLDER: folder, ...at });
        return allow({ json: { ended: true }, lines: ['the gateway has ended'] });
      }),
    );
}

const placeOf = (folder: string, options: { port?: number }): LocalPort =>
  options.port === undefined ? { folder } : { folder, port: options.port };

const local = (command: Command, description: string): Command =>
  withJson(command)
    .argument('<gateway-folder>', 'the folder of the gateway, on the machine where it runs')
    .description(description)
    .option('--port <port>', 'the local port of the gateway, where its folder does not say it', port);

const provisionOptions = (provision: Command): Command =>
  withJson(provision)
    .argument('<folder>', 'the folder of the company, with its offline keys')
    .argument('<id>', "the company's name for the gateway", localId)
    .description('make or renew the folder that is carried to a gateway; what is left out stays as it was')
    .option(
      '--target <resource/service=host:port>',
      'a service of a machine; may be given again; @ADDRESS after it: dialled from there; #UNIT after that: this Modbus unit alone',
      gather(target),
    )
    .option('--resource <id>', 'a resource without a service of its own; may be given again', gather(localId))
    .option('--trial <folder>', 'the relay of the trial that runs in this folder')
    .option('--relay <host:port>', 'a relay it may dial; may be given again', gather(hostPort))
    .option('--region <region=host:port>', 'an endpoint it may send data to; may be given again', gather(region))
    .option('--scrub <name>', 'a name that no value may carry out of the plant; may be given again', gather(String))
    .option(
      '--inspect',
      'it stands in a region, and takes data whose agreement says "inspection": "region", and nothing else',
    )
    .option(
      '--sources <file>',
      'JSON list of what is fetched by MQTT or Modbus (form: README of the edge-gateway)',
      readSources,
    );

function provisionVerb(gateway: Command): void {
  provisionOptions(gateway.command('provision')).action((dir: string, id: LocalId, flags: ProvisionFlags) =>
    perform(flags, async () => {
      const { target: targets, resource: resources, region: regions, scrub, sources, inspect: inspects } = flags;
      const relays = flags.relay ?? (flags.trial === undefined ? undefined : [readOffer(flags.trial).relay]);
      const given = Object.entries({ targets, resources, relays, regions, scrub, sources, inspects }).filter(
        ([, one]) => one !== undefined,
      );
      const made = await provisionGateway(dir, id, { ...Object.fromEntries(given), now: Date.now() });
      return allow({
        json: { id, ...made },
        lines: [
          `${made.folder} enforces for ${made.resources.join(', ')}; carry it to the gateway and restart it there`,
        ],
      });
    }),
  );
}

function target(text: string): Target {
  const [name = '', place = '', ...rest] = text.split('=');
  const [whole = '', number, ...beyond] = place.split('#');
  const [address = '', from, ...more] = whole.split('@');
  const unit = number === undefined ? undefined : Number(number);
  const slash = name.lastIndexOf('/');
  const [resource, service] = [parseLocalId(name.slice(0, Math.max(slash, 0))), parseLocalId(name.slice(slash + 1))];
  if (
    !resource ||
    !service ||
    rest.length + more.length + beyond.length > 0 ||
    (unit !== undefined && !(/^\d+$/.test(number ?? '') && unit <= 255)) ||
    (from !== undefined && isIP(from) === 0)
  )
    throw new InvalidArgumentError(`"${text}" is not resource/service=host:port, such as press-7/ssh=10.1.2.3:22`);
  return {
    resource,
    service,
    ...hostPort(address),
    ...(from !== undefined && { from }),
    ...(unit !== undefined && { unit }),
  };
}

function region(text: string): Region {
  const [name = '', address = '', ...rest] = text.split('=');
  if (rest.length > 0) throw new InvalidArgumentError(`"${text}" is not region=host:port`);
  return { region: localId(name), ...hostPort(address) };
}

function handVerb(gateway: Command): void {
  const hand = local(gateway.command('hand'), 'hand a signed act straight to the gateway, broker dead or not');
  hand.argument('<act-file>', 'the signed act, as "interlock grant revoke --out" writes it');
  hand.action((folder: string, file: string, options: LocalFlags) =>
    perform(options, async () => {
      const carried = readAct(file);
      const taken = await waitingFor('asking the gateway', handAct(placeOf(folder, options), carried));
      if (!taken.allowed) return taken;
      const { verb, target: at } = carried.act.document;
      return allow({
        json: { taken: true, verb, target: at },
        lines: [`the gateway took it: ${verb} ${at.kind} ${at.id}`],
      });
    }),
  );
}

function stateLines(state: GatewayState): string[] {
  return [
    `${state.gateway}: ${state.locked ? 'LOCKED; nothing opens until it is unlocked here' : 'not locked'}`,
    `agreements held: ${state.agreements.map(({ id, version, acts }) => `${id} version ${version}, ${acts} act(s)`).join('; ') || 'none'}`,
    `live sessions: ${state.sessions.map(({ session }) => session).join(', ') || 'none'}`,
    `live flows: ${state.flows.length}`,
    `program: ${state.program ? `release ${state.program.version}, sha256 ${state.program.digest ?? 'unknown'}, zone database ${state.program.tzdata}` : 'unknown'}`,
  ];
}
