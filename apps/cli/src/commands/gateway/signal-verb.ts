import { newestEntityOf, readCertificates } from '@interlock/company-side';
import { allow, type Decision, type LocalId } from '@interlock/domain';
import { thumbprintOf } from '@interlock/proof';
import type { Command } from 'commander';
import { PASSPHRASE_FILE } from '../passphrase.js';
import { type JsonOption, perform, type Shown, waitingFor, withJson } from '../perform.js';
import { localId, port } from '../read-arguments.js';
import { type FactOptions, signFact } from '../sign-fact.js';
import { handSignal } from './local-hand.js';

interface SignalOptions extends JsonOption, FactOptions {
  readonly port?: number;
}

/** `interlock gateway signal`: a person of the plant says at the gateway what an agreement asks for, such as presence at the machine. */
export function signalVerb(gateway: Command): void {
  withJson(gateway.command('signal'))
    .argument('<gateway-folder>', 'the folder of the gateway, on the machine where it runs')
    .argument('<resource>', 'what it is about, such as press-7', localId)
    .description('say at the gateway that somebody is present at a machine, or no longer; signed with your own key')
    .requiredOption('--company <folder>', 'the folder of your company, with the keys of its people')
    .requiredOption('--person <id>', 'who says so; the key needs the purpose "signal"', localId)
    .option('--signal <name>', 'the fact, by the name that the agreement gives it', localId, 'presence' as LocalId)
    .option('--gone', 'it no longer holds: whatever requires it ends at once')
    .option('--port <port>', 'the local port of the gateway, where its folder does not say it', port)
    .option(...PASSPHRASE_FILE)
    .action((folder: string, resource: LocalId, options: SignalOptions) =>
      perform(options, () => saySignal(folder, resource, options)),
    );
}

async function saySignal(folder: string, resource: LocalId, options: SignalOptions): Promise<Decision<Shown>> {
  const said = await signFact(resource, options);
  if (!said.allowed) return said;
  const { fact, key } = said.value;
  const { holds } = fact.document;
  // The chain goes along: nothing else has to bring the certificate to a gateway that stands alone.
  const certificates = readCertificates(options.company).filter(
    ({ document }) => thumbprintOf(document.key) === key.kid,
  );
  const brought = {
    signal: fact,
    entities: [newestEntityOf(options.company)],
    certificates,
  };
  const place = options.port === undefined ? { folder } : { folder, port: options.port };
  const taken = await waitingFor('asking the gateway', handSignal(place, brought));
  if (!taken.allowed) return taken;
  return allow({
    json: { taken: true, signal: options.signal, resource, holds },
    lines: [`the gateway took it: ${options.signal} at ${resource} ${holds ? 'holds' : 'holds no longer'}`],
  });
}
