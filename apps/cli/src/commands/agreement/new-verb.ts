import { writeDurably } from '@interlock/company-side';
import { allow } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import { type Command, Option } from 'commander';
import { type JsonOption, perform, waitingFor, withJson } from '../perform.js';
import { country, gather, localId, localIds, organisation, span } from '../read-arguments.js';
import { conditionOptions } from './condition-options.js';
import { draftAgreement, NARROWEST } from './draft-agreement.js';
import { findParty } from './find-party.js';
import { gatherWish, type NewFlags, partyRole, profile } from './gather-wish.js';
import { agreementWords } from './plain-words.js';
import {
  agreedResource,
  approvalRule,
  embargo,
  productKey,
  regionKeys,
  ticketPattern,
  tradeSecret,
  weekHours,
} from './read-clauses.js';

interface Flags extends NewFlags, JsonOption {
  readonly out: string;
  readonly partnerEntity?: string;
}

/** `interlock agreement new`: a first version with the narrowest values, in plain words and as the JSON that will be signed. */
export function newVerb(agreement: Command): void {
  const verb = withJson(agreement.command('new'))
    .argument('<folder>', 'the folder of your company')
    .description('draft an agreement: asks at most ten questions, or takes options; what is left out is the narrowest')
    .requiredOption('--profile <kinds>', 'remote-service, data, machine-to-machine, or both (the first two)', profile)
    .option('--house', 'an agreement of your company with itself, valid only at its own gateways')
    .option('--partner <organisation>', 'the other party, pinned before', organisation)
    .option('--role <role>', 'your own role: vendor or buyer', partyRole)
    .option('--resource <owner/id=services>', 'what it is about; may be given again', gather(agreedResource))
    .addOption(
      new Option('--class <class>', 'class of the resources')
        .choices(['standard', 'critical', 'safety'])
        .default('standard'),
    )
    .option('--approvers <group:persons>', 'who must say yes; all of them; may be given again', gather(approvalRule))
    .option('--machine-approvers <group:persons>', 'the same for machine-to-machine', gather(approvalRule))
    .option('--purposes <list>', 'what for, separated by commas', localIds)
    .option('--ticket-pattern <regex>', 'what a ticket must look like; "none" asks for no ticket', ticketPattern)
    .option('--longest-window <span>', 'longest window of a grant, such as 8h', span);

  conditionOptions(dataOptions(verb))
    .option('--hours <days=from-to@zone>', 'when access is used, such as mon-fri=06:00-22:00@Europe/Berlin', weekHours)
    .addOption(
      new Option('--offline <mode>', 'what losing the broker does')
        .choices(['closed', 'static', 'local'])
        .default('closed'),
    )
    .option('--review-within <span>', 'within what time a use that was activated at the gateway is reviewed', span)
    .option('--lease <span>', 'how long a use goes on without a fresh "still agreed"', span, NARROWEST.leaseSeconds)
    .option(
      '--embargo <org=issuers>',
      'whose embargo verdict is needed, by whose lists; may be given again',
      gather(embargo),
    )
    .option('--notice <span>', 'notice of a termination', span)
    .option('--retrieval <span>', 'how long after the end what was delivered may be fetched, such as 30d', span)
    .option('--for <span>', 'how long it is in effect, such as 365d', span)
    .option('--partner-entity <file>', "the partner's entity document, in place of asking the broker for it")
    .option('--out <file>', 'where the draft is written', 'agreement.json')
    .action((dir: string, flags: Flags) => perform(flags, () => draft(dir, flags)));
}

const dataOptions = (verb: Command): Command =>
  verb
    .option('--product <id>', 'name of the data product', localId)
    .option('--key <key:unit:category:action>', 'a key that leaves, and how; may be given again', gather(productKey))
    .option(
      '--trade-secret <key=control@organisations>',
      'who may have a key, while it meets a control; may be given again',
      gather(tradeSecret),
    )
    .option('--recipient <organisation>', 'who receives; the vendor where left out', gather(organisation))
    .option(
      '--region <region=thumbprint@country>',
      'a region and the key of its endpoint; may be given again',
      gather(regionKeys),
    )
    .option('--region-operator <name>', 'who runs the region', 'the operator of the broker')
    .option('--region-country <code>', 'the country it lies in, where it is not said there', country)
    .option('--retention <span>', 'how long data and evidence are kept', span)
    .addOption(
      new Option('--inspection <where>', 'where data is read and minimised')
        .choices(['plant', 'region'])
        .default('plant'),
    )
    .option(
      '--label <label>',
      'a classification that an event may carry; may be given again',
      gather((text) => text),
    )
    .option('--scanning', 'nothing leaves without a clean verdict of a malware scanner over its bytes')
    .addOption(
      new Option('--cosigning <sides>', 'whose witness cosigns the evidence')
        .choices(['none', 'one', 'both'])
        .default('both'),
    )
    .option('--witness-silence <span>', 'how long a record may wait for them until nothing more is opened', span);

async function draft(dir: string, flags: Flags) {
  const now = Date.now();
  const find = findParty(dir, flags.partnerEntity, now);
  const wish = await gatherWish(
    dir,
    flags,
    (organisation, role) => waitingFor(`asking for the entity document of ${organisation}`, find(organisation, role)),
    now,
  );
  const made = draftAgreement(wish);
  if (!made.allowed) return made;
  writeDurably(flags.out, `${JSON.stringify(made.value, null, 2)}\n`, 0o644);
  return allow({
    json: { file: flags.out, id: made.value.id, digest: digestOf(made.value), agreement: made.value },
    lines: [
      ...agreementWords(made.value),
      '',
      JSON.stringify(made.value, null, 2),
      '',
      `written to ${flags.out}; amend it there, then run "interlock agreement propose ${dir} ${flags.out}"`,
    ],
  });
}
