import { embargoReader, firstUses, keptDecisions, replayDecision, reviewQueue } from '@interlock/company-side';
import {
  allow,
  checkEmbargo,
  type Decision,
  type EmbargoAct,
  type EmbargoDecision,
  type EmbargoQuestion,
  type Identifier,
  type LocalId,
  type OrganisationId,
} from '@interlock/domain';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type JsonOption, perform, type Shown, waitingFor, withJson } from '../perform.js';
import { gather } from '../read-arguments.js';
import { utc } from '../words.js';

const ADVICE = 'this supports a compliance officer; it is no legal advice';

export function statusVerb(embargo: Command): void {
  withJson(embargo.command('status'))
    .argument('<folder>', 'the folder of the company')
    .description('which lists are in force and how old, what waits for a human, what has to be reported')
    .action((dir: string, flags: JsonOption) => perform(flags, () => status(dir, Date.now())));
}

async function status(dir: string, now: number): Promise<Decision<Shown>> {
  const read = await embargoReader(dir)(now);
  if (!read.allowed) return read;
  const { snapshot, digest, lists: prepared, records } = read.value;
  const lists = prepared.held.map(({ list, digest: of }) => {
    const most = prepared.policy?.maxAgeSeconds[list.kind];
    const { issuedAt, origin } = list.provenance;
    const fresh = most !== undefined && now - issuedAt < most * 1000;
    return { kind: list.kind, issuer: list.issuer, digest: of, issuedAt, origin, fresh };
  });
  const [waiting, uses] = [reviewQueue(dir), firstUses(dir)];
  const permits = records.authorisations.filter(({ revokedAt }) => revokedAt === null).length;
  return allow({
    json: {
      snapshot: digest,
      sequence: snapshot.document.sequence,
      lists,
      review: waiting.length,
      uses,
      authorisations: permits,
    },
    lines: [
      `snapshot ${snapshot.document.sequence} of ${utc(snapshot.document.takenAt)}, ${digest}`,
      ...lists.map(
        (one) =>
          `  ${one.kind} of ${one.issuer}, edition of ${utc(one.issuedAt)}${one.fresh ? '' : ': TOO OLD, so nothing is clear'}`,
      ),
      `${waiting.length} match(es) wait for a human; ${permits} authorisation(s) recorded`,
      ...uses.flatMap(({ authorisation, due }) =>
        due.map(({ what, by }) => `  ${authorisation}: ${what}, due ${utc(by)}`),
      ),
      ADVICE,
    ],
  });
}

interface CheckFlags extends JsonOption {
  readonly issuer?: readonly string[];
  readonly party?: string;
  readonly identifier?: readonly Identifier[];
  readonly country?: string;
  readonly subdivision?: string;
  readonly address?: string;
  readonly classification?: readonly string[];
  readonly endUse?: 'civil' | 'military';
  readonly act: EmbargoAct;
  readonly replay?: boolean;
}

const identifier = (text: string): Identifier => {
  const [, scheme = '', value = ''] = /^([a-z]+)=(.+)$/.exec(text) ?? [];
  if (scheme === '') throw new InvalidArgumentError(`"${text}" is not scheme=value, such as lei=5299...`);
  return { scheme, value };
};

export function checkVerb(embargo: Command): void {
  withJson(embargo.command('check'))
    .argument('<folder>', 'the folder of the company')
    .description('ask the lists in force about one party, place and item, or make every kept decision again')
    .option('--issuer <name>', 'whose lists apply; may be given again', gather(String))
    .option('--party <name>', 'name of the party')
    .option('--identifier <scheme=value>', 'identifier of the party; may be given again', gather(identifier))
    .option('--country <code>', 'country of the place, ISO 3166-1 alpha-2; left out: not known')
    .option('--subdivision <code>', 'ISO 3166-2')
    .option('--address <text>', 'address of the place')
    .option(
      '--classification <code>',
      'classification of the machine; may be given again; left out: not known',
      gather(String),
    )
    .addOption(new Option('--end-use <use>', 'end use of the machine').choices(['civil', 'military']))
    .addOption(
      new Option('--act <act>', 'what would happen')
        .choices(['collect', 'store', 'forward', 'session', 'update'])
        .default('session'),
    )
    .option('--replay', 'make every kept decision again from the lists of its time, and compare')
    .action((dir: string, flags: CheckFlags) =>
      perform(flags, () => (flags.replay ? replayAll(dir) : checkOne(dir, flags, Date.now()))),
    );
}

const questionOf = (flags: CheckFlags): EmbargoQuestion => ({
  act: flags.act,
  purpose: 'asked by hand',
  parties:
    flags.party === undefined
      ? []
      : [{ organisation: null, role: 'asked', name: flags.party, identifiers: flags.identifier ?? [], owners: null }],
  places: [
    {
      use: 'destination',
      country: flags.country ?? null,
      subdivision: flags.subdivision ?? null,
      text: flags.address ?? null,
      claimed: [],
    },
  ],
  items: [
    {
      resource: { owner: 'asked.invalid' as OrganisationId, id: 'machine' as LocalId },
      classification: flags.classification ?? null,
      endUse: flags.endUse ?? null,
    },
  ],
  contractFrom: Number.MAX_SAFE_INTEGER,
});

async function checkOne(dir: string, flags: CheckFlags, now: number): Promise<Decision<Shown>> {
  const read = await embargoReader(dir)(now);
  if (!read.allowed) return read;
  const { lists, records } = read.value;
  const decision = checkEmbargo(lists, flags.issuer ?? [], questionOf(flags), records, now);
  return allow({ json: { ...decision }, lines: decisionLines(decision) });
}

const decisionLines = (decision: EmbargoDecision): string[] => [
  decision.outcome,
  ...decision.hits.map(
    (hit) =>
      `  ${hit.outcome} by ${hit.issuer}, ${hit.rule}: ${hit.because}${hit.under ? ` (under ${hit.under})` : ''}`,
  ),
  ...decision.missing.map((what) => `  not known: ${what}`),
  ...decision.obligations.map(({ authorisation, what }) => `  duty of ${authorisation}: ${what}`),
  ADVICE,
];

async function replayAll(dir: string): Promise<Decision<Shown>> {
  const kept = keptDecisions(dir);
  const differ: string[] = [];
  await waitingFor(
    `making ${kept.length} decisions again`,
    (async () => {
      for (const record of kept) {
        const again = replayDecision(dir, record);
        if (!again.allowed || !again.value.same) differ.push(`${record.id} of ${utc(record.decision.asOf)}`);
      }
    })(),
  );
  return allow({
    json: { decisions: kept.length, differ },
    lines: [`${kept.length - differ.length} of ${kept.length} kept decisions come out the same`, ...differ],
  });
}
