import { layout, openPersonKey } from '@interlock/company-side';
import {
  type AgreementId,
  allow,
  annexesOf,
  type Decision,
  type Digest,
  type LocalId,
  type MemberList,
  newestRecord,
  refuse,
  struckFrom,
  withdrawnAt,
} from '@interlock/domain';
import { signed } from '@interlock/proof';
import { type Command, InvalidArgumentError } from 'commander';
import { handInAnnex, signAndHandIn } from '../annex/hand-over-annex.js';
import { type ReadAnnexes, readAnnexes } from '../annex/read-annexes.js';
import { type CompanyBroker, companyBroker } from '../company-broker.js';
import { type CutOptions, cut, withCut } from '../grant/cut-verbs.js';
import { sessionAt } from '../login/login-commands.js';
import { knownPassphrase, PASSPHRASE_FILE } from '../passphrase.js';
import { type JsonOption, perform, type Shown, WrongUsage, withJson } from '../perform.js';
import { agreementId, digest, gather, localId } from '../read-arguments.js';

type Kind = MemberList['of'];
const KINDS: readonly Kind[] = ['resource', 'person', 'machine', 'workload'];

interface PublishOptions extends JsonOption, Partial<Record<Kind, readonly LocalId[]>> {
  readonly group: LocalId;
  readonly recorded?: Place;
  readonly as?: LocalId;
  readonly passphraseFile?: string;
}

interface Place {
  readonly site: string;
  readonly zone: string;
}

/** `interlock group`: which machines or people of the own company are in a group, for grants to be bounded by. */
export function groupCommands(program: Command): void {
  const group = program.command('group').description('member lists: groups of your machines and people');
  publishVerb(group);
  withJson(group.command('list'))
    .argument('<dir>', 'the folder of your company')
    .argument('<id>', 'the agreement', agreementId)
    .description('every member list under an agreement that verifies, and who was struck from it')
    .action((dir: string, id: AgreementId, options: JsonOption) => perform(options, () => list(dir, id)));
  withCut(group.command('strike'))
    .argument('<member>', 'the machine or person of your company', localId)
    .requiredOption('--list <digest>', 'from which list, as "group list" shows it', digest)
    .requiredOption('--agreement <id>', 'the agreement it hangs on', agreementId)
    .description('take one out of a list, at once and for good; sessions under it end')
    .action((member: LocalId, options: CutOptions & { list: Digest; agreement: AgreementId }) =>
      perform(options, () => {
        const target = { kind: 'member' as const, id: member, list: options.list };
        const wish = { verb: 'revoke' as const, agreementId: options.agreement, target, reason: options.reason };
        return cut(sessionAt(options), wish, options);
      }),
    );
}

function publishVerb(group: Command): void {
  withJson(group.command('publish'))
    .argument('<dir>', 'the folder of your company')
    .argument('<id>', 'the agreement', agreementId)
    .requiredOption('--group <name>', 'its name, such as hall-3', localId)
    .option('--resource <id>', 'a machine as what is acted on; may be given again', gather(localId))
    .option('--recorded <site/zone>', 'all machines that your company records there now, in place of --resource', place)
    .option('--person <id>', 'a person who acts; may be given again', gather(localId))
    .option('--machine <id>', 'a machine that acts by itself; may be given again', gather(localId))
    .option('--workload <id>', 'a program that acts; may be given again', gather(localId))
    .option('--as <person>', 'of machines: whose key with the purpose "approve" signs it', localId)
    .option(...PASSPHRASE_FILE)
    .description('sign who is in a group; one more makes another list, which both sign a grant under')
    .action((dir: string, id: AgreementId, options: PublishOptions) =>
      perform(options, () => publish(dir, id, options)),
    );
}

async function publish(dir: string, id: AgreementId, options: PublishOptions): Promise<Decision<Shown>> {
  const company = companyBroker(dir);
  const read = await membersOf(company, id, options);
  if (!read.allowed) return read;
  const document: MemberList = {
    ...{ typ: 'member-list', v: 1, organisation: company.organisation, agreementId: id, group: options.group },
    ...{ ...read.value, issuedAt: company.now() },
  };
  const taken =
    document.of === 'resource'
      ? await byApprover(company, id, document, options)
      : await signAndHandIn(company, id, document);
  if (!taken.allowed) return taken;
  return allow({
    json: { digest: taken.value, list: document },
    lines: [`${document.group}: ${document.members.length} of kind ${document.of}, list ${taken.value}`],
  });
}

/** Machines are listed by somebody who may say yes to their use; people by the offline key of their company. */
async function byApprover(
  company: CompanyBroker,
  id: AgreementId,
  document: MemberList,
  { as: person, passphraseFile }: PublishOptions,
): Promise<Decision<Digest>> {
  if (!person) throw new WrongUsage('a list of machines is signed by an approver: give --as');
  const passphrase = await knownPassphrase(passphraseFile);
  const key = openPersonKey(layout(company.dir).person(person), company.organisation, passphrase);
  return key.allowed ? handInAnnex(company, id, await signed(document, key.value, company.now())) : key;
}

async function membersOf(
  company: CompanyBroker,
  id: AgreementId,
  options: PublishOptions,
): Promise<Decision<Pick<MemberList, 'of' | 'members'>>> {
  const kinds = KINDS.filter((kind) => options[kind]);
  const [of = 'resource'] = kinds;
  if (kinds.length + (options.recorded ? 1 : 0) !== 1)
    throw new WrongUsage('a list has members of one kind: --resource, --recorded, --person, --machine or --workload');
  const { recorded } = options;
  if (!recorded) return allow({ of, members: [...new Set(options[of])] });
  const read = await readAnnexes(company, id);
  if (!read.allowed) return read;
  const { annexes } = read.value;
  const own = annexesOf(annexes, 'machine-record').filter(
    ({ annex }) =>
      annex.resource.owner === company.organisation && newestRecord(annexes, annex.resource)?.annex === annex,
  );
  const there = own.filter(
    ({ annex }) => annex.state === 'commissioned' && annex.site === recorded.site && annex.zone === recorded.zone,
  );
  if (there.length === 0) return refuse('machine_unrecorded', { clause: `${recorded.site}/${recorded.zone}` });
  return allow({ of, members: there.map(({ annex }) => annex.resource.id).sort() });
}

async function list(dir: string, id: AgreementId): Promise<Decision<Shown>> {
  const read = await readAnnexes(companyBroker(dir), id);
  if (!read.allowed) return read;
  const lists = annexesOf(read.value.annexes, 'member-list').map(({ annex, digest: of }) => ({
    ...{ digest: of, organisation: annex.organisation, group: annex.group, of: annex.of, members: annex.members },
    struck: [...struckFrom(of, annex.organisation, read.value)],
    withdrawn: isWithdrawn(of, read.value),
  }));
  return allow({
    json: { lists, unverified: read.value.unverified },
    lines: lists.length === 0 ? ['there is none'] : lists.map(listWords),
  });
}

const isWithdrawn = (of: Digest, { agreement, acts }: ReadAnnexes): boolean =>
  withdrawnAt(of, agreement, acts) !== undefined;

interface ListShown extends Pick<MemberList, 'organisation' | 'group' | 'of' | 'members'> {
  readonly digest: Digest;
  readonly struck: readonly string[];
  readonly withdrawn: boolean;
}

const listWords = ({ organisation, group, of, members, struck, withdrawn, digest: named }: ListShown): string =>
  `${organisation} ${group}: ${members.length} of kind ${of}${struck.length > 0 ? `, without ${struck.join(', ')}` : ''}${withdrawn ? ', withdrawn' : ''}, ${named}`;

function place(text: string): Place {
  const [, site, zone] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (!site || !zone) throw new InvalidArgumentError(`"${text}" is not site/zone`);
  return { site, zone };
}
