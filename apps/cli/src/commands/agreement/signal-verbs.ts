import { accepted, standing } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, type LocalId, refuse, type Signal } from '@interlock/domain';
import { trust, verifySignal } from '@interlock/proof';
import type { Command } from 'commander';
import { companyBroker } from '../company-broker.js';
import { PASSPHRASE_FILE } from '../passphrase.js';
import { type JsonOption, perform, type Shown, waitingFor, withJson } from '../perform.js';
import { agreementId, localId } from '../read-arguments.js';
import { type FactOptions, signFact } from '../sign-fact.js';
import { utc } from '../words.js';

type SayOptions = JsonOption & Omit<FactOptions, 'company'>;

/** `interlock agreement signal` and `signals`: facts by way of the broker, each signed by its source and verified by whoever relies on it. */
export function signalVerbs(agreement: Command): void {
  withJson(agreement.command('signal'))
    .argument('<folder>', 'the folder of your company, beside its agent')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .argument('<resource>', 'what it is about, such as press-7', localId)
    .description('say a fact of a resource of yours by way of the broker; signed with your own key')
    .requiredOption('--person <id>', 'who says so; the key needs the purpose "signal"', localId)
    .option('--signal <name>', 'the fact, by the name that the agreement gives it', localId, 'presence' as LocalId)
    .option('--gone', 'it no longer holds: whatever requires it ends at once')
    .option(...PASSPHRASE_FILE)
    .action((dir: string, id: AgreementId, resource: LocalId, options: SayOptions) =>
      perform(options, () => say(dir, id, resource, options)),
    );
  withJson(agreement.command('signals'))
    .argument('<folder>', 'the folder of your company, beside its agent')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .description('what each company said last of its own, and what program each gateway runs; verified here')
    .action((dir: string, id: AgreementId, options: JsonOption) => perform(options, () => shown(dir, id)));
}

async function say(dir: string, id: AgreementId, resource: LocalId, options: SayOptions): Promise<Decision<Shown>> {
  const said = await signFact(resource, { ...options, company: dir });
  if (!said.allowed) return said;
  const { fact } = said.value;
  const target = `/v1/agreements/${id}/signals`;
  const taken = await waitingFor(
    'handing it to the broker',
    companyBroker(dir).broker.post(target, { signal: fact }, accepted),
  );
  if (!taken.allowed) return taken;
  const { holds, signal } = fact.document;
  return allow({
    json: { taken: true, signal, resource, holds },
    lines: [`the broker passes it on: ${signal} at ${resource} ${holds ? 'holds' : 'holds no longer'}`],
  });
}

async function shown(dir: string, id: AgreementId): Promise<Decision<Shown>> {
  const company = companyBroker(dir);
  const read = await waitingFor('asking the broker', company.broker.get(`/v1/agreements/${id}/standing`, standing));
  if (!read.allowed) return read;
  const { entities, certificates, agreement, signals = [] } = read.value;
  if (agreement.document.id !== id) return refuse('malformed', { clause: 'agreement' });
  const ring = await trust(entities, certificates, company.pins, company.now());
  if (!ring.allowed) return ring;
  const verified: Signal[] = [];
  for (const one of signals) {
    const held = await verifySignal(one, ring.value, company.now());
    if (held.allowed) verified.push(held.value);
  }
  const unverified = signals.length - verified.length;
  return allow({
    json: { signals: verified, unverified },
    lines: [
      ...(verified.length === 0 ? ['nothing was said'] : verified.map(factWords)),
      ...(unverified > 0 ? [`${unverified} that the broker shows do not verify, and count for nobody`] : []),
    ],
  });
}

const factWords = ({ organisation, signal, about, holds, at, program }: Signal): string =>
  `${organisation} ${about.kind} ${about.id}: ${signal} ${holds ? 'holds' : 'does not hold'}, seen ${utc(at)}${
    program
      ? `: release ${program.version}, sha256 ${program.digest ?? 'unknown'}, zone database ${program.tzdata}`
      : ''
  }`;
