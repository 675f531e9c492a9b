import { writeDurably } from '@interlock/company-side';
import { accepted, draftList, draftView } from '@interlock/contracts';
import { type AgreementId, allow, type Decision, refuse } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Command } from 'commander';
import type { z } from 'zod';
import { type CompanyBroker, companyBroker } from '../company-broker.js';
import { type JsonOption, perform, type Shown, waitingFor, withJson } from '../perform.js';
import { agreementId, wholeNumber } from '../read-arguments.js';
import { utc } from '../words.js';
import { agreementInFile } from './hand-over-agreement.js';
import { agreementWords } from './plain-words.js';

type Draft = z.infer<typeof draftView>;

/** `interlock agreement draft`, `drafts` and `discard`: versions that colleagues read before the partner hears of them. */
export function draftVerbs(agreement: Command): void {
  withJson(agreement.command('draft'))
    .argument('<folder>', 'the folder of your company')
    .argument('<file>', 'the version, as "agreement new" writes it')
    .description('keep a version at the broker for your own company alone; keeping it again writes over it')
    .action((dir: string, file: string, options: JsonOption) => perform(options, () => keep(companyBroker(dir), file)));
  withJson(agreement.command('drafts'))
    .argument('<folder>', 'the folder of your company')
    .argument('[id]', 'one of them, in plain words', agreementId)
    .option('--out <file>', 'write that one to a file')
    .description('what your company has drafted; no other company sees any of it')
    .action((dir: string, id: AgreementId | undefined, options: JsonOption & { out?: string }) =>
      perform(options, async () => {
        if (id !== undefined) return show(companyBroker(dir), id, options.out);
        const read = await waitingFor('asking the broker', readDrafts(companyBroker(dir)));
        if (!read.allowed) return read;
        const drafts = read.value.map(({ id, version, digest, status, keptAt }) => ({
          ...{ id, version, digest, status, keptAt },
        }));
        const lines = drafts.map((one) => `${one.id} version ${one.version}: ${one.status}, kept ${utc(one.keptAt)}`);
        return allow({ json: { drafts }, lines: lines.length === 0 ? ['there is no draft'] : lines });
      }),
    );
  withJson(agreement.command('discard'))
    .argument('<folder>', 'the folder of your company')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .option('--version <number>', 'which version', wholeNumber, 1)
    .description('throw away a draft that was not proposed')
    .action((dir: string, id: AgreementId, options: JsonOption & { version: number }) =>
      perform(options, async () => {
        const { version } = options;
        const asked = companyBroker(dir).broker.post('/v1/agreements/drafts/discard', { id, version }, accepted);
        const done = await waitingFor('asking the broker', asked);
        if (!done.allowed) return done;
        return allow({ json: { id, version }, lines: [`the draft of ${id} version ${version} is gone`] });
      }),
    );
}

async function show(company: CompanyBroker, id: AgreementId, out?: string): Promise<Decision<Shown>> {
  const read = await waitingFor('asking the broker', draftOf(company, id));
  if (!read.allowed) return read;
  const { agreement } = read.value;
  if (out) writeDurably(out, `${JSON.stringify(agreement, null, 2)}\n`, 0o644);
  return allow({ json: { ...read.value, digest: digestOf(agreement) }, lines: agreementWords(agreement) });
}

async function keep(company: CompanyBroker, file: string): Promise<Decision<Shown>> {
  const { document } = agreementInFile(file);
  const asked = company.broker.put('/v1/agreements/drafts', { agreement: document }, draftView);
  const kept = await waitingFor('handing it to the broker', asked);
  if (!kept.allowed) return kept;
  const { id, version, digest, status } = kept.value;
  return allow({
    json: { id, version, digest, status },
    lines: [
      `kept ${id} version ${version} for your company alone`,
      `"agreement propose DIR ${id}" shows it to the partner`,
    ],
  });
}

/** What the company has drafted. The broker's word: whoever signs one reads it first. */
export async function readDrafts(company: CompanyBroker): Promise<Decision<readonly Draft[]>> {
  const read = await company.broker.get('/v1/agreements/drafts', draftList);
  return read.allowed ? allow(read.value.drafts) : read;
}

/** The newest version of this agreement that is still a draft. */
export async function draftOf(company: CompanyBroker, id: AgreementId): Promise<Decision<Draft>> {
  const read = await readDrafts(company);
  if (!read.allowed) return read;
  const [newest] = read.value
    .filter((one) => one.id === id && one.status === 'draft')
    .sort((a, b) => b.version - a.version);
  return newest ? allow(newest) : refuse('not_a_party', { clause: `draft of ${id}` });
}
