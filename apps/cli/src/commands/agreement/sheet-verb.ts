import { type AgreementId, allow, type DataActSheet, dataActSheet } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Command } from 'commander';
import { readAnnexes } from '../annex/read-annexes.js';
import { companyBroker } from '../company-broker.js';
import { type JsonOption, perform, withJson } from '../perform.js';
import { agreementId } from '../read-arguments.js';
import { utc } from '../words.js';

/** `interlock agreement sheet`: what the EU Data Act asks to be said, from the agreement and its acts and annexes as they verify here. */
export function sheetVerb(agreement: Command): void {
  withJson(agreement.command('sheet'))
    .argument('<folder>', 'the folder of your company')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .description(
      'what the EU Data Act (2023/2854) asks to be said about the data, answered from the agreement, gaps named',
    )
    .action((dir: string, id: AgreementId, options: JsonOption) =>
      perform(options, async () => {
        const company = companyBroker(dir);
        const read = await readAnnexes(company, id);
        if (!read.allowed) return read;
        const { agreement: version, acts, annexes } = read.value;
        const sheet = dataActSheet({
          agreement: version,
          version: digestOf(version),
          papers: { acts, annexes },
          now: company.now(),
        });
        return allow({ json: { ...sheet }, lines: sheetWords(sheet) });
      }),
    );
}

const sheetWords = ({ agreement, entries }: DataActSheet): string[] => [
  `Data Act sheet of ${agreement.id} version ${agreement.version}, in effect from ${utc(agreement.effectiveFrom)} to ${utc(agreement.endsAt)}`,
  ...entries.flatMap(({ article, asks, says, gap }) => [
    `Article ${article}: ${asks}`,
    ...says.map((one) => `  ${one}`),
    ...(gap === null ? [] : [`  GAP: ${gap}`]),
  ]),
  `${entries.filter(({ gap }) => gap !== null).length} gaps`,
];
