import { writeDurably } from '@interlock/company-side';
import { type AgreementId, allow, type Decision, type Digest, refuse } from '@interlock/domain';
import { digestOf } from '@interlock/proof';
import type { Command } from 'commander';
import { type CompanyBroker, companyBroker } from '../company-broker.js';
import { suspendVerb } from '../grant/cut-verbs.js';
import { type JsonOption, perform, type Shown, WrongUsage, waitingFor, withJson } from '../perform.js';
import { readAct } from '../read-act.js';
import { agreementId, digest } from '../read-arguments.js';
import { narrowVerb } from './narrow-verb.js';
import { countersign, type HeldActs, handInAct, makeOfflineAct, readActs, suspensions } from './offline-acts.js';

interface ResumeOptions extends JsonOption {
  readonly reason: string;
  readonly lifts?: Digest;
  readonly act?: string;
  readonly out: string;
}

/** Acts on a whole agreement. Lifting a suspension and ending it for good need the offline key; suspending needs nobody's yes. */
export function actVerbs(agreement: Command): void {
  suspendVerb(agreement);
  narrowVerb(agreement);
  withJson(agreement.command('resume'))
    .argument('<folder>', 'the folder of your company, with its offline keys')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .option('--reason <text>', 'why, for the evidence', 'both agree to go on')
    .option('--lifts <digest>', 'the suspension or narrowing to lift, where there is more than one', digest)
    .option('--act <file>', "the partner's signed resume: adds your signature and hands it in")
    .option('--out <file>', 'where your half is written, for the partner to sign', 'resume.json')
    .description(
      'lift one suspension or narrowing: the first company signs into a file, the second signs that file and hands it in',
    )
    .action((dir: string, id: AgreementId, options: ResumeOptions) => perform(options, () => resume(dir, id, options)));
  withJson(agreement.command('terminate'))
    .argument('<folder>', 'the folder of your company, with its offline keys')
    .argument('<id>', 'the agreement, by its id (agr_...)', agreementId)
    .requiredOption('--reason <text>', 'why; the partner reads it')
    .description('end an agreement for good, with the notice it names; one company is enough')
    .action((dir: string, id: AgreementId, options: JsonOption & { reason: string }) =>
      perform(options, () => terminate(dir, id, options.reason)),
    );
}

async function resume(dir: string, id: AgreementId, options: ResumeOptions): Promise<Decision<Shown>> {
  const company = companyBroker(dir);
  const held = await waitingFor('asking the broker', readActs(company, id));
  if (!held.allowed) return held;
  return options.act === undefined
    ? firstHalf(company, id, options, held.value)
    : secondHalf(company, id, options.act, held.value);
}

async function firstHalf(
  company: CompanyBroker,
  id: AgreementId,
  options: ResumeOptions,
  held: HeldActs,
): Promise<Decision<Shown>> {
  const lifts = options.lifts ?? theOnlySuspension(held);
  const wish = { verb: 'resume' as const, agreementId: id, reason: options.reason, lifts };
  const made = await makeOfflineAct(company, wish, held);
  if (!made.allowed) return made;
  writeDurably(options.out, `${JSON.stringify(made.value, null, 2)}\n`, 0o644);
  return allow({
    json: { file: options.out, lifts, digest: digestOf(made.value.document), complete: false },
    lines: [
      `signed your half into ${options.out}; it lifts ${lifts}`,
      `the partner runs "interlock agreement resume DIR ${id} --act ${options.out}"; nothing is lifted before`,
    ],
  });
}

function theOnlySuspension(held: HeldActs): Digest {
  const open = suspensions(held);
  const [only, ...more] = open;
  if (!only) throw new WrongUsage('nothing is suspended in this agreement, so there is nothing to lift');
  if (more.length > 0)
    throw new WrongUsage(
      `there is more than one suspension; give --lifts with one of ${open.map((one) => one.digest).join(', ')}`,
    );
  return only.digest;
}

async function secondHalf(
  company: CompanyBroker,
  id: AgreementId,
  file: string,
  held: HeldActs,
): Promise<Decision<Shown>> {
  const { act } = readAct(file);
  const { verb, agreementId: about, lifts, organisation, reason } = act.document;
  if (verb !== 'resume' || about !== id) return refuse('wrong_type', { clause: 'act' });
  if (!suspensions(held).some((one) => one.digest === lifts)) return refuse('illegal_transition', { clause: 'lifts' });
  const both = await countersign(company, act);
  if (!both.allowed) return both;
  const taken = await waitingFor('handing it to the broker', handInAct(company, both.value));
  if (!taken.allowed) return taken;
  return allow({
    json: { digest: taken.value, lifts, complete: true },
    lines: [`${organisation} (${reason}) and ${company.organisation} lift ${lifts}; the agreement goes on`],
  });
}

async function terminate(dir: string, id: AgreementId, reason: string): Promise<Decision<Shown>> {
  const company = companyBroker(dir);
  const held = await waitingFor('asking the broker', readActs(company, id));
  if (!held.allowed) return held;
  const made = await makeOfflineAct(company, { verb: 'terminate', agreementId: id, reason, lifts: null }, held.value);
  if (!made.allowed) return made;
  const taken = await waitingFor('handing it to the broker', handInAct(company, made.value));
  if (!taken.allowed) return taken;
  return allow({
    json: { digest: taken.value },
    lines: [`${id} is terminated; what the agreement says of notice applies`],
  });
}
