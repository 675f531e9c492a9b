import { type AgreementId, allow, type LocalId } from '@interlock/domain';
import type { OpenedBatch } from '@interlock/proof';
import type { Command } from 'commander';
import { type JsonOption, perform, withJson } from '../perform.js';
import { agreementId, type HostPort, hostPort, localId } from '../read-arguments.js';
import { credentialsVerb } from './credentials-verb.js';
import { deliverVerb } from './deliver-verb.js';
import { pullData } from './pull-data.js';
import { pushVerb } from './push-verb.js';
import { erasedVerb, eraseVerb, exportVerb, holdVerb } from './store-verbs.js';

interface PullOptions extends JsonOption {
  readonly company: string;
  readonly agreement: AgreementId;
  readonly region: LocalId;
  readonly endpoint: HostPort;
  readonly once?: boolean;
  readonly flat?: boolean;
}

/** `interlock data`: what the company's collectors push, and what was sealed to it, opened with its pipeline's own key. */
export function dataCommands(program: Command): void {
  const data = program
    .command('data')
    .description('data that your collectors push, and data that was sealed to your company');
  credentialsVerb(data);
  pushVerb(data);
  deliverVerb(data);
  holdVerb(data);
  exportVerb(data);
  eraseVerb(data);
  erasedVerb(data);
  withJson(data.command('pull'))
    .description('open sealed batches and print them as NDJSON; each is acknowledged when it is printed')
    .requiredOption('--company <folder>', 'the folder of your company')
    .requiredOption('--agreement <id>', 'under which agreement', agreementId)
    .requiredOption('--region <id>', 'through which region', localId)
    .requiredOption(
      '--endpoint <host:port>',
      "the region's endpoint; it must show a key that the agreement names",
      hostPort,
    )
    .option('--once', 'end when everything that waited has come')
    .option('--flat', 'one line per observation in place of one per batch')
    .action((options: PullOptions) =>
      perform(options, async () => {
        const abort = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => abort.abort());
        const { company, agreement, region, endpoint, once = false, flat = false } = options;
        const keep = (opened: OpenedBatch) => printed(flat ? observationsOf(opened) : [batchOf(opened)]);
        const pulled = await pullData({ company, agreement, region, endpoint, once, signal: abort.signal, keep });
        if (!pulled.allowed) return pulled;
        if (pulled.value.refused > 0) process.exitCode = 1;
        return allow({ json: { ...pulled.value }, lines: [] });
      }),
    );
}

const batchOf = ({ batch, digest }: OpenedBatch): object => ({
  batch: digest,
  machine: `${batch.machine.owner}/${batch.machine.id}`,
  product: batch.product,
  gateway: `${batch.gateway.organisation}/${batch.gateway.id}`,
  flow: batch.flow,
  sequence: batch.sequence,
  previous: batch.previous,
  sealedAt: batch.sealedAt,
  dropped: batch.dropped,
  observations: batch.observations,
});

const observationsOf = ({ batch, digest }: OpenedBatch): readonly object[] =>
  batch.observations.map((observation) => ({
    ...observation,
    machine: `${batch.machine.owner}/${batch.machine.id}`,
    product: batch.product,
    batch: digest,
  }));

/** Resolves when the lines have left this process: what a dead reader never got must come again. */
const printed = (lines: readonly object[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    process.stdout.write(text, (cause) =>
      cause
        ? reject(new Error('whoever read the output has left; what was not read comes again', { cause }))
        : resolve(),
    );
  });
