import { type ClosedDays, expandClosed, OWN_ZONES } from '@interlock/company-side/calendar';
import {
  type AgreementId,
  allow,
  calendarOf,
  type Decision,
  type HeldAnnex,
  type OrganisationId,
  type PlantCalendar,
} from '@interlock/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { signAndHandIn } from '../annex/hand-over-annex.js';
import { readAnnexes } from '../annex/read-annexes.js';
import { companyBroker } from '../company-broker.js';
import { type JsonOption, perform, type Shown, withJson } from '../perform.js';
import { agreementId, gather, organisation } from '../read-arguments.js';
import { utc } from '../words.js';

interface PublishOptions extends JsonOption {
  readonly zone: string;
  readonly closed: readonly ClosedDays[];
}

/** `interlock calendar`: when a plant is closed, as it signs it; recurring windows leave that out. */
export function calendarCommands(program: Command): void {
  const calendar = program.command('calendar').description('holidays and shutdowns of your plant');
  const verb = (name: string) =>
    withJson(calendar.command(name))
      .argument('<folder>', 'the folder of your company, with its offline keys')
      .argument('<id>', 'the agreement, by its id (agr_...)', agreementId);
  verb('publish')
    .requiredOption('--zone <zone>', 'time zone of the plant, such as Europe/Vienna')
    .requiredOption(
      '--closed <from..to=name>',
      'days on which it is closed, such as 2026-12-24..2026-12-26=christmas; may be given again',
      gather(closedDays),
    )
    .description('sign the next calendar of your plant, in place of the one before; it counts at your gateways at once')
    .action((dir: string, id: AgreementId, options: PublishOptions) =>
      perform(options, () => publish(dir, id, options)),
    );
  verb('show')
    .option('--of <organisation>', 'whose; your own where left out', organisation)
    .description('the calendar that counts now')
    .action((dir: string, id: AgreementId, options: JsonOption & { of?: OrganisationId }) =>
      perform(options, () => show(dir, id, options.of)),
    );
}

async function counting(
  dir: string,
  id: AgreementId,
  of?: OrganisationId,
): Promise<Decision<HeldAnnex<PlantCalendar> | undefined>> {
  const company = companyBroker(dir);
  const read = await readAnnexes(company, id);
  if (!read.allowed) return read;
  return allow(calendarOf(of ?? company.organisation, read.value.agreement, read.value)[0]);
}

async function publish(dir: string, id: AgreementId, { zone, closed: days }: PublishOptions): Promise<Decision<Shown>> {
  const closed = expandClosed(zone, days);
  if (!closed.allowed) return closed;
  const before = await counting(dir, id);
  if (!before.allowed) return before;
  const company = companyBroker(dir);
  const document: PlantCalendar = {
    ...{ typ: 'plant-calendar', v: 1, organisation: company.organisation, agreementId: id, zone },
    sequence: (before.value?.annex.sequence ?? 0) + 1,
    zoneDatabase: OWN_ZONES.version,
    closed: closed.value,
    issuedAt: company.now(),
  };
  const taken = await signAndHandIn(company, id, document);
  return taken.allowed ? allow(shown(document, taken.value)) : taken;
}

async function show(dir: string, id: AgreementId, of?: OrganisationId): Promise<Decision<Shown>> {
  const held = await counting(dir, id, of);
  if (!held.allowed) return held;
  return allow(
    held.value ? shown(held.value.annex, held.value.digest) : { json: { calendar: null }, lines: ['there is none'] },
  );
}

const shown = (calendar: PlantCalendar, digest: string): Shown => ({
  json: { digest, calendar },
  lines: [
    `calendar ${calendar.sequence} of ${calendar.organisation}, ${calendar.zone} (zone database ${calendar.zoneDatabase}), ${digest}`,
    ...calendar.closed.map(({ name, from, to }) => `closed ${utc(from)} to ${utc(to)}: ${name}`),
  ],
});

function closedDays(text: string): ClosedDays {
  const [, from, to, name] = /^(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?=(.{1,300})$/.exec(text) ?? [];
  if (from === undefined || name === undefined)
    throw new InvalidArgumentError(`"${text}" is not first..last=name, such as 2026-12-24..2026-12-26=christmas`);
  return { from, to: to ?? from, name };
}
