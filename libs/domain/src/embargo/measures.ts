import type { EmbargoAct, EmbargoQuestion } from './question.js';

type Said = 'blocked' | 'licence_required' | 'clear';

/** What a measure against a listed party means for what crosses here. A measure that is not in the table has no known meaning. */
const MEASURES: Readonly<Record<string, { readonly says: Said; readonly acts?: readonly EmbargoAct[] }>> = {
  // Service, data and software are economic resources made available.
  'Asset freeze': { says: 'blocked' },
  'Sectoral sanctions': { says: 'licence_required' },
  'Export control': { says: 'licence_required' },
  'Services ban': { says: 'blocked', acts: ['session', 'update', 'forward'] },
  'Import restrictions': { says: 'licence_required', acts: ['collect', 'store', 'forward'] },
  Debarment: { says: 'licence_required' },
  'Travel ban': { says: 'clear' },
  'Financial restrictions': { says: 'clear' },
  'Investment ban': { says: 'clear' },
  'Transportation restrictions': { says: 'clear' },
  'Prohibition to satisfy claims': { says: 'clear' },
  'Aid suspension': { says: 'clear' },
};
const MILITARY = new Set(['Arms embargo', 'Arms restrictions']);

/** What one measure says about a question; undefined where nobody can tell: an unknown measure, or arms and an unknown end use. */
export function measureSays(measure: string, { act, items }: EmbargoQuestion): Said | undefined {
  if (MILITARY.has(measure)) {
    if (items.length === 0 || items.some((item) => item.endUse === null)) return undefined;
    return items.some((item) => item.endUse === 'military') ? 'blocked' : 'clear';
  }
  const known = Object.hasOwn(MEASURES, measure) ? MEASURES[measure] : undefined;
  if (!known) return undefined;
  return known.acts && !known.acts.includes(act) ? 'clear' : known.says;
}
