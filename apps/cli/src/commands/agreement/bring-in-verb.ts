import { writeDurably } from '@interlock/company-side';
import {
  type Agreement,
  activate,
  allow,
  type Decision,
  type GrantKind,
  type LocalId,
  type OrganisationId,
  type Party,
  type ResourceRef,
  refuse,
  type ThirdPartyTerm,
} from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Command } from 'commander';
import { type JsonOption, perform, type Shown, WrongUsage, waitingFor, withJson } from '../perform.js';
import { actions, gather, localIds, organisation, resource, span } from '../read-arguments.js';
import { NARROWEST } from './draft-agreement.js';
import { findParty } from './find-party.js';
import { profile } from './gather-wish.js';
import { agreementInFile } from './hand-over-agreement.js';
import { agreementWords } from './plain-words.js';

interface Flags extends JsonOption {
  readonly broughtBy: OrganisationId;
  readonly profile: readonly GrantKind[];
  readonly resource?: readonly ResourceRef[];
  readonly actions: readonly LocalId[];
  readonly purposes: readonly LocalId[];
  readonly longestWindow: number;
  readonly partnerEntity?: string;
  readonly out?: string;
}

/** `interlock agreement bring-in`: adds an integrator or subcontractor to a draft, as a party that signs too. */
export function bringInVerb(agreement: Command): void {
  withJson(agreement.command('bring-in'))
    .argument('<folder>', 'the folder of your company')
    .argument('<file>', 'a draft that nobody has signed yet')
    .argument('<organisation>', 'the third party, pinned before', organisation)
    .description('add a third party to a draft; it signs too, and never holds more than the side that brings it in')
    .requiredOption('--brought-by <organisation>', 'the side that brings it in', organisation)
    .requiredOption('--profile <kinds>', 'remote-service, data, machine-to-machine, or both', profile)
    .requiredOption('--resource <owner/id>', 'what it is for; may be given again', gather(resource))
    .requiredOption('--actions <list>', 'services and data products, separated by commas', actions)
    .requiredOption('--purposes <list>', 'what for, separated by commas', localIds)
    .option('--longest-window <span>', 'longest window of a grant, such as 2h', span, NARROWEST.longestWindowSeconds)
    .option('--partner-entity <file>', 'its entity document, in place of asking the broker for it')
    .option('--out <file>', 'where the draft is written; the same file where left out')
    .action((dir: string, file: string, party: OrganisationId, flags: Flags) =>
      perform(flags, () => bringIn(dir, file, party, flags)),
    );
}

async function bringIn(
  dir: string,
  file: string,
  organisation: OrganisationId,
  flags: Flags,
): Promise<Decision<Shown>> {
  const { document, signatures } = agreementInFile(file);
  if (signatures.length > 0) throw new WrongUsage(`${file} is signed already; bring a third party into a draft`);
  const found = findParty(dir, flags.partnerEntity, Date.now())(organisation, 'third-party');
  const party = await waitingFor(`asking for the entity document of ${organisation}`, found);
  const made = withThirdParty(document, party, flags);
  if (!made.allowed) return made;
  const out = flags.out ?? file;
  writeDurably(out, `${JSON.stringify(made.value, null, 2)}\n`, 0o644);
  return allow({
    json: { file: out, digest: digestOf(made.value), agreement: made.value },
    lines: [...agreementWords(made.value), '', `written to ${out}; every party signs it`],
  });
}

/** The draft with one third party more. Refused with the clause that it contradicts, before anybody signs it. */
export function withThirdParty(
  draft: Agreement,
  party: Party,
  flags: Pick<Flags, 'broughtBy' | 'profile' | 'resource' | 'actions' | 'purposes' | 'longestWindow'>,
): Decision<Agreement> {
  const term: ThirdPartyTerm = {
    type: 'third-party',
    party: party.organisation,
    broughtBy: flags.broughtBy,
    kinds: flags.profile,
    resources: flags.resource ?? [],
    actions: flags.actions,
    purposes: flags.purposes,
    longestWindowSeconds: flags.longestWindow,
  };
  const made: Agreement = { ...draft, parties: [...draft.parties, party], terms: [...draft.terms, term] };
  const sound = activate(made, made.effectiveFrom);
  return sound.allowed ? allow(made) : refuse(sound.refusal.code, sound.refusal);
}
