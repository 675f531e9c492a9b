import { writeDurably } from '@interlock/company-side';
import {
  type AgreementId,
  allow,
  type Decision,
  type Digest,
  type Instant,
  type MachineTransfer,
  newestRecord,
  type ResourceRef,
  refuse,
  type Signed,
  sameResource,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Command } from 'commander';
import { annexInFile, countersignAnnex, handInAnnex } from '../annex/hand-over-annex.js';
import { readAnnexes } from '../annex/read-annexes.js';
import { type CompanyBroker, companyBroker } from '../company-broker.js';
import { type JsonOption, perform, type Shown, WrongUsage } from '../perform.js';
import { instant, resource } from '../read-arguments.js';
import { utc } from '../words.js';

interface TransferOptions extends JsonOption {
  readonly to?: ResourceRef;
  readonly at?: Instant;
  readonly reason?: string;
  readonly transfer?: string;
  readonly out: string;
}

/**
 * `interlock machine transfer`: the old owner signs into a file, the new owner signs that file, the old owner hands it in: the new owner is no party
 * of the old agreement, and its broker is none of his business.
 */
export function transferVerb(verb: Command): void {
  verb
    .option('--to <owner/resource>', 'its new owner, and how that company calls it', resource)
    .option('--at <time>', 'from when on', instant)
    .option('--reason <text>', 'why')
    .option('--transfer <file>', 'the file that the other owner signed: adds your signature; complete, it is handed in')
    .option('--out <file>', 'where it is written for the other owner', 'transfer.json')
    .description('give a machine to another owner, whose signature it needs; this agreement covers it no longer then')
    .action((dir: string, id: AgreementId, what: ResourceRef, options: TransferOptions) =>
      perform(options, () => {
        const company = companyBroker(dir);
        return options.transfer === undefined
          ? begin(company, id, what, options)
          : goOn(company, id, what, annexInFile(options.transfer, 'machine-transfer'), options.out);
      }),
    );
}

async function begin(
  company: CompanyBroker,
  id: AgreementId,
  from: ResourceRef,
  { to, at, reason, out }: TransferOptions,
): Promise<Decision<Shown>> {
  if (!to || at === undefined || !reason) throw new WrongUsage('a transfer needs --to, --at and --reason');
  const read = await readAnnexes(company, id);
  if (!read.allowed) return read;
  const record = newestRecord(read.value.annexes, from);
  if (!record) return refuse('machine_unrecorded', { clause: `${from.owner}/${from.id}` });
  const nameplate = digestOf(record.annex.nameplate) as Digest;
  const document: MachineTransfer = {
    ...{ typ: 'machine-transfer', v: 1, from, to, nameplate, at, reason, issuedAt: company.now() },
  };
  const signed = await countersignAnnex(company, { document, signatures: [] });
  return signed.allowed ? written(id, signed.value, out) : signed;
}

async function goOn(
  company: CompanyBroker,
  id: AgreementId,
  from: ResourceRef,
  half: Signed<MachineTransfer>,
  out: string,
): Promise<Decision<Shown>> {
  const { document, signatures } = half;
  if (!sameResource(document.from, from)) return refuse('not_what_was_shown', { clause: 'machine-transfer' });
  // Two signatures are one of each owner; whether they are is verified by whoever takes it.
  if (signatures.length < 2) {
    const signed = await countersignAnnex(company, half);
    if (!signed.allowed) return signed;
    if (company.organisation !== from.owner) return written(id, signed.value, out);
    return handIn(company, id, signed.value);
  }
  return handIn(company, id, half);
}

async function handIn(
  company: CompanyBroker,
  id: AgreementId,
  transfer: Signed<MachineTransfer>,
): Promise<Decision<Shown>> {
  const taken = await handInAnnex(company, id, transfer);
  if (!taken.allowed) return taken;
  const { from, to, at } = transfer.document;
  return allow({
    json: { digest: taken.value, complete: true },
    lines: [
      `${from.owner}/${from.id} belongs to ${to.owner} from ${utc(at)} on`,
      `so that no gateway can miss it, run "interlock grant revoke-own resource:${from.id} --agreement ${id}" at that instant`,
    ],
  });
}

function written(id: AgreementId, transfer: Signed<MachineTransfer>, out: string): Decision<Shown> {
  writeDurably(out, `${JSON.stringify(transfer, null, 2)}\n`, 0o644);
  const { from, to } = transfer.document;
  const next = transfer.signatures.length < 2 ? to.owner : from.owner;
  return allow({
    json: { file: out, digest: digestOf(transfer.document), complete: false },
    lines: [
      `signed into ${out}`,
      `${next} runs "interlock machine transfer DIR ${id} ${from.owner}/${from.id} --transfer ${out}"`,
    ],
  });
}
