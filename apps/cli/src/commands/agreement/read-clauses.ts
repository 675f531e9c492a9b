import {
  type AgreedResource,
  type ApprovalRule,
  type EmbargoTerm,
  type HoursOfDay,
  type HoursTerm,
  type LocalId,
  type OrganisationId,
  type ProductKey,
  parseLocalId,
  parseThumbprint,
  type RegionTerm,
  type Thumbprint,
  type TradeSecretMark,
  WEEKDAYS,
} from '@interlock/domain';
import { InvalidArgumentError } from 'commander';
import { actions, localIds, organisation, resource } from '../read-arguments.js';

/** `owner/resource=service,service`. */
export function agreedResource(text: string): Omit<AgreedResource, 'class'> {
  const [name = '', services = '', ...rest] = text.split('=');
  if (rest.length > 0) throw new InvalidArgumentError(`"${text}" is not owner/resource=service,service`);
  return { ...resource(name), services: actions(services) };
}

/** `group:persons`: so many different persons of that group must say yes. */
export function approvalRule(text: string): ApprovalRule {
  const [name = '', persons = '1', ...rest] = text.split(':');
  const [group, number] = [parseLocalId(name), Number(persons)];
  if (!group || !Number.isInteger(number) || number < 1 || number > 9 || rest.length > 0)
    throw new InvalidArgumentError(`"${text}" is not group:persons, such as maintenance:2`);
  return { group, persons: number };
}

export interface NamedSecret {
  readonly key: string;
  readonly secret: TradeSecretMark;
}

/** `key=control@organisation,organisation`: who may have a trade secret, and the control that protects it there. */
export function tradeSecret(text: string): NamedSecret {
  const [, key, control = '', recipients = ''] = /^([^=]+)=([^@]+)@(.+)$/.exec(text) ?? [];
  const known = parseLocalId(control);
  if (!key || !known)
    throw new InvalidArgumentError(
      `"${text}" is not key=control@organisation, such as recipe=iec-62443-3-3/sr-4.1@alpine-presses.example`,
    );
  return { key, secret: { control: known, recipients: recipients.split(',').map(organisation) } };
}

const ACTIONS = ['pass', 'drop', 'hash', 'pseudonymise', 'coarsen', 'aggregate'] as const;

/** `key:unit:category:action[:step]`; the unit may be empty, the step is for `coarsen`, and in seconds for `aggregate`. */
export function productKey(text: string): ProductKey {
  const [key = '', unit = '', category = '', action = '', step, ...rest] = text.split(':');
  const [known, known2] = [ACTIONS.find((one) => one === action), parseLocalId(category)];
  const width = step === undefined ? null : Number(step);
  const fits = known === 'coarsen' || known === 'aggregate' ? width !== null && width > 0 : width === null;
  if (!key || !known || !known2 || !fits || rest.length > 0)
    throw new InvalidArgumentError(
      `"${text}" is not key:unit:category:action, such as force:kN:process:pass force:kN:process:coarsen:10 or force:kN:process:aggregate:60`,
    );
  return { key, unit: unit === '' ? null : unit, category: known2, action: known, step: width };
}

export interface NamedRegion {
  readonly region: LocalId;
  readonly endpointKeys: readonly Thumbprint[];
  readonly country?: string;
}

/** `region=THUMBPRINT,THUMBPRINT@CC`: the keys that the region's endpoints show, and the country it lies in. */
export function regionKeys(text: string): NamedRegion {
  const [, name = '', list = '', country] = /^([^=]*)=([^=@]*)(?:@([A-Z]{2}))?$/.exec(text) ?? [];
  const region = parseLocalId(name);
  const keys = list.split(',').map((one) => parseThumbprint(one.trim()));
  const endpointKeys = keys.filter((one) => one !== undefined);
  if (!region || endpointKeys.length !== keys.length)
    throw new InvalidArgumentError(
      `"${text}" is not region=thumbprint@country, with the thumbprint of its endpoint's key (43 letters), such as eu-1=...@DE`,
    );
  return country === undefined ? { region, endpointKeys } : { region, endpointKeys, country };
}

/** A region with who runs it and where. */
export const regionTerm = (
  { region, endpointKeys }: NamedRegion,
  operator: string,
  jurisdiction: string,
): RegionTerm => ({ type: 'region', region, operator, jurisdiction, endpointKeys });

/** `organisation=issuer,issuer`: whose verdict is needed, by whose lists. */
export function embargo(text: string): EmbargoTerm {
  const [name = '', issuers = '', ...rest] = text.split('=');
  const party: OrganisationId = organisation(name);
  if (rest.length > 0 || issuers === '')
    throw new InvalidArgumentError(`"${text}" is not organisation=issuer, such as delta-foods.example=eu`);
  return { type: 'embargo', party, issuers: localIds(issuers), maxAgeSeconds: 86_400 };
}

/** A pattern that a ticket must match as a whole. */
export function ticketPattern(text: string): string | null {
  if (text === '' || text === 'none') return null;
  try {
    return new RegExp(text, 'u').source;
  } catch {
    throw new InvalidArgumentError(`"${text}" is not a regular expression; "none" asks for no ticket`);
  }
}

export type WeekHours = Pick<HoursTerm, 'zone' | 'open'>;

/** `days=from-to,days=from-to@zone`, where days are one (`sat`) or several that follow each other (`mon-fri`). */
export function weekHours(text: string): WeekHours {
  const [spans = '', zone = '', ...rest] = text.split('@');
  const open = spans.split(',').flatMap(hoursOfDays);
  if (rest.length > 0 || open.length === 0 || !isZone(zone))
    throw new InvalidArgumentError(`"${text}" is not days=from-to@zone, such as mon-fri=06:00-22:00@Europe/Berlin`);
  return { zone, open };
}

function hoursOfDays(span: string): readonly HoursOfDay[] {
  const [, first, last, from, to] = /^(\w{3})(?:-(\w{3}))?=(\d\d:\d\d)-(\d\d:\d\d)$/.exec(span) ?? [];
  const days: readonly (string | undefined)[] = WEEKDAYS;
  const [begin, end] = [first, last ?? first].map((day) => days.indexOf(day));
  if (begin === undefined || end === undefined || begin < 0 || end < begin || !from || !to || from >= to)
    throw new InvalidArgumentError(`"${span}" is not days=from-to, such as mon-fri=06:00-22:00 or sat=06:00-24:00`);
  return WEEKDAYS.slice(begin, end + 1).map((day) => ({ day, from, to }));
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
