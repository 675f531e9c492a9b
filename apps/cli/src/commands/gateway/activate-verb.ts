import { layout, openPersonKey, readCertificates, readSettings, writeDurably } from '@interlock/company-side';
import { type Admission, signedGrant } from '@interlock/contracts';
import { type Activation, allow, type Decision, type LocalId, parseLocalId, parseThumbprint } from '@interlock/domain';
import { digestOf, signed } from '@interlock/proof';
import type { Command } from 'commander';
import { z } from 'zod';
import { knownPassphrase, PASSPHRASE_FILE } from '../passphrase.js';
import { type JsonOption, perform, type Shown, WrongUsage, waitingFor, withJson } from '../perform.js';
import { localId, port, readJsonFile } from '../read-arguments.js';
import { activateAt, gatewayState } from './local-hand.js';

interface ActivateOptions extends JsonOption {
  readonly port?: number;
  readonly company: string;
  readonly person: LocalId;
  readonly resource?: LocalId;
  readonly service?: string;
  readonly key?: string;
  readonly reason: string;
  readonly out: string;
  readonly passphraseFile?: string;
}

/** `interlock gateway activate`: an approver who is present lets a dormant grant be used, with everything else out of reach. */
export function activateVerb(gateway: Command): void {
  withJson(gateway.command('activate'))
    .argument('<gateway-folder>', 'the folder of the gateway, on the machine where it runs')
    .argument('<grant-file>', 'the dormant grant, as "interlock grant show --json" prints it')
    .description('activate a dormant grant here and now, without login, broker or lease; it is recorded loudly')
    .requiredOption('--company <folder>', 'the folder of your company, with the keys of its people')
    .requiredOption('--person <id>', 'the approver who is present; the grant names the key', localId)
    .requiredOption('--reason <text>', 'why; it stands in the evidence of both companies')
    .requiredOption('--out <file>', 'where to write what the subject connects with: interlock connect --activated FILE')
    .option('--resource <id>', 'on which machine; the first of the grant where left out', localId)
    .option('--service <name>', 'which service; the first of the grant where left out')
    .option('--key <thumbprint>', 'which key of the subject comes; the first of the grant where left out')
    .option('--port <port>', 'the local port of the gateway, where its folder does not say it', port)
    .option(...PASSPHRASE_FILE)
    .action((folder: string, file: string, options: ActivateOptions) =>
      perform(options, () => activate(folder, file, options)),
    );
}

async function activate(folder: string, file: string, options: ActivateOptions): Promise<Decision<Shown>> {
  const grant = dormantIn(file);
  const { organisation } = readSettings(options.company);
  const passphrase = await knownPassphrase(options.passphraseFile);
  const key = openPersonKey(layout(options.company).person(options.person), organisation, passphrase);
  if (!key.allowed) return key;
  const place = options.port === undefined ? { folder } : { folder, port: options.port };
  const state = await waitingFor('asking the gateway for its nonce', gatewayState(place));
  if (!state.allowed) return state;
  const { document } = grant;
  const [resource, action, leaf] = [
    options.resource ?? document.resources[0]?.id,
    options.service === undefined ? document.actions[0] : parseLocalId(options.service),
    options.key === undefined ? document.dormant?.subjectKeys[0] : parseThumbprint(options.key),
  ];
  if (!resource || !action || !leaf) throw new WrongUsage('--service is a name, and --key the thumbprint of a key');
  const [, gateway = ''] = state.value.gateway.split('/', 2);
  const activation: Activation = {
    ...{ typ: 'activation', v: 1, organisation, gateway: gateway as LocalId, grant: digestOf(document) },
    ...{ resource, action, leaf, nonce: state.value.activationNonce ?? '', reason: options.reason, at: Date.now() },
  };
  const brought = {
    grant,
    certificates: readCertificates(options.company).slice(-64),
    activation: await signed(activation, key.value, Date.now()),
  };
  const met = await waitingFor('asking the gateway to open it', activateAt(place, brought));
  return met.allowed ? written(met.value, options.out) : met;
}

function written(admitted: Admission, out: string): Decision<Shown> {
  writeDurably(out, JSON.stringify(admitted));
  return allow({
    json: { activated: true, session: admitted.session, file: out },
    lines: [
      `activated as ${admitted.session}; the subject connects within seconds: interlock connect GRANT RESOURCE/SERVICE --activated ${out} --key FILE`,
    ],
  });
}

const shown = z.union([signedGrant, z.looseObject({ grant: signedGrant })]);

function dormantIn(file: string): z.infer<typeof signedGrant> {
  const read = shown.safeParse(readJsonFile(file));
  const grant = read.data && ('grant' in read.data ? (read.data.grant as z.infer<typeof signedGrant>) : read.data);
  if (!grant || !('document' in grant)) throw new WrongUsage(`${file} does not hold a grant`);
  if (!grant.document.dormant) throw new WrongUsage(`${file} holds a grant that is not dormant; connect by it as ever`);
  return grant as z.infer<typeof signedGrant>;
}
