import type { Instant } from '../instant.js';
import type { EvidenceRecord } from './record.js';

/** Members of a filter that each ask for one label. */
export const LABEL_NAMES = [
  'resource',
  'subject',
  'approver',
  'organisation',
  'site',
  'ticket',
  'purpose',
  'category',
  'region',
  'recipient',
  'agreement',
  'grant',
  'session',
  'clause',
  'kind',
  'outcome',
  'code',
  'correlation',
] as const;
export type LabelName = (typeof LABEL_NAMES)[number];

/** What is asked of one log. Every member must fit; a member that is left out asks nothing. */
export type EvidenceFilter = { readonly [Name in LabelName]?: string | undefined } & {
  /** Words that must all stand in the reason. */
  readonly text?: string | undefined;
  /** Not before. */
  readonly from?: Instant | undefined;
  /** Before. */
  readonly to?: Instant | undefined;
};

/** Words of a reason beyond these are not found; a reason is a sentence or two. */
const MOST_WORDS = 60;

/**
 * Everything a record is found by, each as `name:value`. A machine or a person has two labels: the bare id, and the id in its owner's
 * namespace. The site of a gateway's record is the gateway, where the record names no other: an enclave has one.
 */
export function labelsOf(record: EvidenceRecord): readonly string[] {
  const { resource, subject } = record;
  const labels = new Set<string>();
  const label = (name: LabelName, value: string | null | undefined): void => {
    if (value !== null && value !== undefined) labels.add(`${name}:${value}`);
  };
  if (resource) {
    label('resource', resource.id);
    label('resource', `${resource.owner}/${resource.id}`);
  }
  if (subject) {
    label('subject', subject.id);
    label('subject', `${subject.organisation}/${subject.kind}/${subject.id}`);
  }
  for (const approver of record.approvers) label('approver', approver);
  label('organisation', record.organisation);
  label('organisation', subject?.organisation);
  label('site', record.site ?? siteOf(record.source));
  label('ticket', record.ticket);
  label('purpose', record.purpose);
  for (const category of record.categories ?? []) label('category', category);
  label('region', record.region);
  for (const recipient of record.recipients) label('recipient', recipient);
  for (const name of PLAIN) label(name, record[name]);
  for (const word of wordsOf(record.reason ?? '')) labels.add(word);
  return [...labels];
}

/** Labels that are a member of the record as it is. */
const PLAIN = ['agreement', 'grant', 'session', 'clause', 'kind', 'outcome', 'code', 'correlation'] as const;

/** The labels that a record must all have to fit the filter. */
export const labelsWanted = (filter: EvidenceFilter): readonly string[] => [
  ...LABEL_NAMES.flatMap((name) => (filter[name] === undefined ? [] : [`${name}:${filter[name]}`])),
  ...wordsOf(filter.text ?? ''),
];

/** Whether a record answers the filter: the one rule for the service that answers, and for whoever checks the answer. */
export function fitsFilter(record: EvidenceRecord, filter: EvidenceFilter): boolean {
  if (filter.from !== undefined && record.at < filter.from) return false;
  if (filter.to !== undefined && record.at >= filter.to) return false;
  const wanted = labelsWanted(filter);
  if (wanted.length === 0) return true;
  const labels = new Set(labelsOf(record));
  return wanted.every((label) => labels.has(label));
}

/** How often each value of each named label occurs, most frequent first. */
export function facetsOf(
  records: Iterable<EvidenceRecord>,
  names: readonly LabelName[],
): { [Name in LabelName]?: { value: string; count: number }[] } {
  const counts = new Map(names.map((name) => [name, new Map<string, number>()]));
  for (const record of records)
    for (const label of labelsOf(record)) {
      const name = label.slice(0, label.indexOf(':'));
      const values = counts.get(name as LabelName);
      const value = label.slice(name.length + 1);
      values?.set(value, (values.get(value) ?? 0) + 1);
    }
  const sorted = (values: ReadonlyMap<string, number>) =>
    [...values]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return Object.fromEntries([...counts].map(([name, values]) => [name, sorted(values)]));
}

/** `word:` labels of a text: what stands between anything but letters and digits, in lower case. */
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, MOST_WORDS)
    .map((word) => `word:${word}`);

const siteOf = (source: string): string | undefined =>
  source.startsWith('broker/') ? undefined : source.split('/')[1];
