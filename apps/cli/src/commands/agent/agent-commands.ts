import { agentClient, ownPin, readSettings, setBrokerKeys, writeDurably } from '@interlock/company-side';
import { publicJwk } from '@interlock/contracts';
import { allow } from '@interlock/domain';
import type { Command } from 'commander';
import { z } from 'zod';
import { connectorFileVerb } from '../login/login-commands.js';
import { PASSPHRASE_FILE } from '../passphrase.js';
import { type JsonOption, perform, WrongUsage, withJson } from '../perform.js';
import { country, gather, organisation, origin, port, readJsonFile, webAddress } from '../read-arguments.js';
import { runProcess } from '../run-process.js';
import { readOut } from '../words.js';
import { callerProofVerb } from './caller-proof-verb.js';
import { decisionPointVerb } from './decision-point-verb.js';
import { enrol, type InitOptions, personWish } from './enrol.js';
import { followAccountsVerb } from './follow-accounts-verb.js';
import { type RenewOptions, renewAgent } from './renew-agent.js';
import { revokeAllVerb } from './revoke-all-verb.js';
import { showAgent } from './show-agent.js';
import { tellSignalsVerb } from './tell-signals-verb.js';
import { runTryLogins } from './try-logins.js';

/** `interlock agent`: a company's own folder, with the keys that never leave it. */
export function agentCommands(program: Command): void {
  const agent = program.command('agent').description("a company's own folder: keys, certificates, fingerprint");
  initVerb(agent);
  showVerb(agent);
  connectorFileVerb(agent);
  runVerb(agent);
  revokeAllVerb(agent);
  followAccountsVerb(agent);
  decisionPointVerb(agent);
  tellSignalsVerb(agent);
  callerProofVerb(agent);
  withJson(agent.command('renew'))
    .argument('<folder>', 'the folder of the company, with its offline keys')
    .description('renew certificates, and the entity document, before they run out; run it at least once a day')
    .option('--entity', 'make a new entity document in any case')
    .option(
      '--restored',
      'this folder was brought back from a copy: take the next epoch, and end every other copy of it',
    )
    .action((dir: string, options: RenewOptions & JsonOption) =>
      perform(options, async () => allow(await renewAgent(dir, options, Date.now()))),
    );
  withJson(agent.command('broker-keys'))
    .argument('<folder>', 'the folder of the company')
    .argument('<file>', 'JSON with "name", "ticketKey" and "logKey", as the operator of the broker hands it over')
    .description('record which keys the broker signs tickets and checkpoints with; they let it deny and be checked')
    .action((dir: string, file: string, options: JsonOption) =>
      perform(options, async () => {
        const keys = brokerKeys.safeParse(readJsonFile(file));
        if (!keys.success) throw new WrongUsage(`${file}: ${z.prettifyError(keys.error)}`);
        setBrokerKeys(dir, keys.data);
        return allow({ json: { name: keys.data.name }, lines: [`the keys of ${keys.data.name} are recorded`] });
      }),
    );
}

const brokerKeys = z.strictObject({ name: z.string().min(1).max(200), ticketKey: publicJwk, logKey: publicJwk });

/** Where the offline keys are made, where that is no folder. */
const withToken = (init: Command): Command =>
  init
    .option(
      '--pkcs11 <module>',
      'make the offline keys in a PKCS#11 token: the library of its maker, such as libsofthsm2.so',
    )
    .option('--token <label>', 'the label of that token')
    .option('--pin-file <file>', 'the file with its PIN, which only its owner can read');

function initVerb(agent: Command): void {
  withToken(withJson(agent.command('init')))
    .argument('<folder>', 'the folder to make; whoever can read it is the company')
    .description('make the keys and the folder of a company')
    .requiredOption('--organisation <id>', 'its lower-case domain name', organisation)
    .requiredOption('--name <name>', 'its name for people')
    .requiredOption('--jurisdiction <code>', 'country code, ISO 3166-1 alpha-2', country)
    .option(
      '--trial <folder>',
      'join the trial that runs in this folder: its broker, and free local ports for the rest',
    )
    .option('--agent-origin <origin>', 'where its people reach its agent', origin)
    .option('--broker-origin <origin>', 'where its agent reaches the broker', origin)
    .option('--issuer <address>', 'issuer of its own identity provider', webAddress)
    .option('--client-id <id>', 'client id of its agent there')
    .option('--client-secret-file <file>', 'client secret, where the provider does not take keys')
    .option(
      '--person <id=purpose@group>',
      'a person, and what for: grant (to ask) or approve, roles joined to it by "+", groups by "@"; may be given again',
      gather(personWish),
    )
    .option(...PASSPHRASE_FILE)
    .action((dir: string, options: InitOptions) =>
      perform(options, async () => {
        const { root } = await enrol(dir, options);
        return allow({
          json: { organisation: options.organisation, root, dir, identityProviderClient: agentClient(dir) },
          lines: [
            `made ${dir}; its root fingerprint, to be compared with partners out of band, is`,
            `  ${readOut(root)}`,
            `keep ${dir}/offline away from the machine that runs the agent; nothing there needs it day by day`,
            `keep a copy of ${dir}/offline/revoke-all.json elsewhere: it ends everything if the root is lost or stolen`,
            'register this client at your identity provider:',
            `  ${JSON.stringify(agentClient(dir))}`,
          ],
        });
      }),
    );
}

interface RunOptions extends JsonOption {
  readonly host?: string;
  readonly port?: number;
  readonly tryLogins?: boolean;
  readonly webhook?: string;
  readonly webhookSecret?: string;
  readonly webhookCa?: string;
}

function runVerb(agent: Command): void {
  withJson(agent.command('run'))
    .argument('<folder>', 'the folder of the company')
    .description(
      "run the company's agent until Ctrl-C: it serves its people's pages, keeps in touch with the broker, and beats",
    )
    .option('--host <address>', 'address to listen on; 127.0.0.1 where left out')
    .option('--port <port>', 'port to listen on, where it is not the one of the agent origin', port)
    .option('--try-logins', 'also run an identity provider to try with, where the company has none on this machine')
    .option(
      '--webhook <url>',
      'tell a program of the company there, signed, what enters the inbox and what is cut',
      webAddress,
    )
    .option('--webhook-secret <file>', 'the secret that signs it: whsec_ and 24 to 64 bytes in base64')
    .option('--webhook-ca <file>', 'certificates (PEM) of who may stand at the end of the webhook')
    .action((dir: string, options: RunOptions) =>
      perform(options, async () => {
        if (options.tryLogins) await runTryLogins(dir);
        const { agentOrigin, brokerOrigin } = readSettings(dir);
        const own = new URL(agentOrigin);
        const implied = Number(own.port) || (own.protocol === 'https:' ? 443 : 80);
        await runProcess('company-agent', {
          AGENT_FOLDER: dir,
          AGENT_ORIGIN: agentOrigin,
          BROKER_ORIGIN: brokerOrigin,
          AGENT_PORT: String(options.port ?? implied),
          ...(options.host && { AGENT_HOST: options.host }),
          ...(options.webhook && { AGENT_WEBHOOK: options.webhook }),
          ...(options.webhookSecret && { AGENT_WEBHOOK_SECRET_FILE: options.webhookSecret }),
          ...(options.webhookCa && { AGENT_WEBHOOK_CA_FILE: options.webhookCa }),
        });
        return allow({ json: { ended: true }, lines: ['the agent has ended'] });
      }),
    );
}

function showVerb(agent: Command): void {
  withJson(agent.command('show'))
    .argument('<folder>', 'the folder of the company')
    .description('organisation, root fingerprint to read out on the telephone, pins, certificates and their ends')
    .option('--pin-file <file>', 'also write the fingerprint to a file for a partner\'s "interlock partner pin --file"')
    .action((dir: string, options: JsonOption & { pinFile?: string }) =>
      perform(options, async () => {
        const shown = showAgent(dir, Date.now());
        if (options.pinFile) writeDurably(options.pinFile, `${JSON.stringify(ownPin(dir))}\n`, 0o644);
        return allow(shown);
      }),
    );
}
