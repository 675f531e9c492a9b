import {
  type AgreementId,
  agreedAs,
  allow,
  annexesOf,
  type Decision,
  type HeldAnnex,
  type Instant,
  type LocalId,
  type MachineRecord,
  machineFault,
  newestRecord,
  type ResourceRef,
  refuse,
  sameResource,
} from '@interlock/domain';
import type { Command } from 'commander';
import { signAndHandIn } from '../annex/hand-over-annex.js';
import { type ReadAnnexes, readAnnexes } from '../annex/read-annexes.js';
import { type CompanyBroker, companyBroker } from '../company-broker.js';
import { type JsonOption, perform, refusalWords, type Shown, withJson } from '../perform.js';
import { agreementId, digest, instant, level, localId, resource } from '../read-arguments.js';
import { utc } from '../words.js';
import { readNameplate } from './read-nameplate.js';
import { transferVerb } from './transfer-verb.js';

/** What a record may say anew of a machine that goes on. */
type Change = Partial<Pick<MachineRecord, 'state' | 'site' | 'zone' | 'level' | 'firmware' | 'supportEndsAt'>>;

interface PlaceOptions extends JsonOption, Omit<Change, 'state'> {}

interface ImportOptions extends JsonOption {
  readonly nameplate: string;
  readonly site: LocalId;
  readonly zone: LocalId;
  readonly level: number;
  readonly firmware?: string;
  readonly supportEndsAt?: Instant;
  readonly takenOver?: MachineRecord['takenOver'];
}

/** `interlock machine`: what the owner says of a machine over its life, signed with the company's offline keys. */
export function machineCommands(program: Command): void {
  const machine = program
    .command('machine')
    .description('the life of a machine under an agreement, as its owner signs it');
  const verb = (name: string) =>
    withJson(machine.command(name))
      .argument('<folder>', 'the folder of your company, with its offline keys')
      .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
      .argument('<owner/resource>', 'the machine, such as delta-foods.example/press-7', resource);
  importVerb(verb('import'));
  showVerb(verb('show'));
  moveVerb(verb('move'));
  transferVerb(verb('transfer'));
  verb('decommission')
    .description('take a machine out of service for good; nothing of the agreement reaches it from then on')
    .action((dir: string, id: AgreementId, what: ResourceRef, options: JsonOption) =>
      perform(options, () => nextRecord(companyBroker(dir), id, what, { state: 'decommissioned' })),
    );
}

function importVerb(verb: Command): void {
  verb
    .requiredOption('--nameplate <file>', 'its Asset Administration Shell, or the submodel Nameplate, in JSON')
    .requiredOption('--site <name>', 'where it stands', localId)
    .requiredOption('--zone <name>', 'in which zone', localId)
    .requiredOption('--level <number>', 'its Purdue level: 0, 1, 2, 3, 3.5, 4 or 5', level)
    .option('--firmware <version>', 'what runs on it; as the nameplate says where left out')
    .option('--support-ends-at <time>', 'when its maker stops supporting it', instant)
    .option('--taken-over <digest>', 'the transfer by which your company got it', digest)
    .description('commission a machine: its first record, from the nameplate of its maker')
    .action((dir: string, id: AgreementId, what: ResourceRef, options: ImportOptions) =>
      perform(options, () => commission(companyBroker(dir), id, what, options)),
    );
}

function showVerb(verb: Command): void {
  verb
    .description('what was signed of a machine, first to last, and whether the agreement covers it now')
    .action((dir: string, id: AgreementId, what: ResourceRef, options: JsonOption) =>
      perform(options, async () => {
        const company = companyBroker(dir);
        const read = await readAnnexes(company, id);
        return read.allowed ? allow(shownMachine(read.value, what, company.now())) : read;
      }),
    );
}

function moveVerb(verb: Command): void {
  verb
    .option('--site <name>', 'where it stands from now on', localId)
    .option('--zone <name>', 'in which zone', localId)
    .option('--level <number>', 'its Purdue level: 0, 1, 2, 3, 3.5, 4 or 5', level)
    .option('--firmware <version>', 'what runs on it now')
    .option('--support-ends-at <time>', 'when its maker stops supporting it', instant)
    .description('sign the next record of a machine: another place, another firmware, an announced end of support')
    .action((dir: string, id: AgreementId, what: ResourceRef, { json, ...change }: PlaceOptions) =>
      perform({ ...(json && { json }) }, () => nextRecord(companyBroker(dir), id, what, change)),
    );
}

async function commission(
  company: CompanyBroker,
  id: AgreementId,
  resource: ResourceRef,
  options: ImportOptions,
): Promise<Decision<Shown>> {
  const { nameplate, firmware } = readNameplate(options.nameplate);
  return handInRecord(company, id, {
    ...{ typ: 'machine-record', v: 1, resource, sequence: 1, previous: null, state: 'commissioned', nameplate },
    ...{ site: options.site, zone: options.zone, level: options.level, firmware: options.firmware ?? firmware },
    ...{ supportEndsAt: options.supportEndsAt ?? null, takenOver: options.takenOver ?? null, issuedAt: company.now() },
  });
}

async function nextRecord(
  company: CompanyBroker,
  id: AgreementId,
  resource: ResourceRef,
  change: Change,
): Promise<Decision<Shown>> {
  const read = await readAnnexes(company, id);
  if (!read.allowed) return read;
  const last = newestRecord(read.value.annexes, resource);
  if (!last) return refuse('machine_unrecorded', { clause: `${resource.owner}/${resource.id}` });
  const order = { sequence: last.annex.sequence + 1, previous: last.digest, issuedAt: company.now() };
  return handInRecord(company, id, { ...last.annex, ...change, ...order });
}

async function handInRecord(
  company: CompanyBroker,
  id: AgreementId,
  document: MachineRecord,
): Promise<Decision<Shown>> {
  const taken = await signAndHandIn(company, id, document);
  if (!taken.allowed) return taken;
  return allow({
    json: { digest: taken.value, record: document },
    lines: [recordWords({ annex: document, digest: taken.value })],
  });
}

const recordWords = ({ annex, digest: of }: Pick<HeldAnnex<MachineRecord>, 'annex' | 'digest'>): string => {
  const { resource: ref, sequence, state, nameplate, site, zone, level: at, firmware, supportEndsAt } = annex;
  const support = supportEndsAt === null ? '' : `, supported until ${utc(supportEndsAt)}`;
  return `${sequence} ${ref.owner}/${ref.id}: ${state}, ${nameplate.manufacturer} ${nameplate.product} ${nameplate.serial}, site ${site}, zone ${zone}, level ${at}, firmware ${firmware || 'not said'}${support}; ${of}`;
};

function shownMachine({ agreement, annexes }: ReadAnnexes, what: ResourceRef, now: Instant): Shown {
  const records = annexesOf(annexes, 'machine-record')
    .filter(({ annex }) => sameResource(annex.resource, what))
    .sort((a, b) => a.annex.sequence - b.annex.sequence);
  const transfers = annexesOf(annexes, 'machine-transfer').filter(
    ({ annex: { from, to } }) => sameResource(from, what) || sameResource(to, what),
  );
  const agreed = agreedAs(agreement, what).length > 0;
  const fault = agreed ? machineFault(agreement, what, annexes, now) : 'resource_not_agreed';
  return {
    json: {
      covered: fault === undefined,
      ...(fault && { code: fault }),
      records: records.map(({ annex, digest: of }) => ({ digest: of, ...annex })),
      transfers: transfers.map(({ annex, digest: of }) => ({ digest: of, ...annex })),
    },
    lines: [
      ...records.map(recordWords),
      ...transfers.map(
        ({ annex: { from, to, at, reason } }) =>
          `${from.owner}/${from.id} goes to ${to.owner} as ${to.id} at ${utc(at)}: ${reason}`,
      ),
      fault === undefined ? 'the agreement covers it' : refusalWords({ code: fault }),
    ],
  };
}
