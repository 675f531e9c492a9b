/** One altered copy of a JSON value, and where it was altered. */
export interface Altered {
  readonly at: string;
  readonly value: unknown;
}

/**
 * Every value at every depth of a JSON value altered in every way that JSON allows: members removed and added, elements removed, doubled and
 * turned round, other values of the same kind and values of other kinds. The value itself is never among them.
 */
export function* alterations(value: unknown, at = ''): Generator<Altered> {
  for (const [how, other] of others(value)) yield { at: `${at || '/'} ${how}`, value: other };
  if (typeof value !== 'object' || value === null) return;
  const members = Object.entries(value);
  for (const [name, inner] of members)
    for (const altered of alterations(inner, `${at}/${name}`)) {
      const put = members.map(([key, own]) => [key, key === name ? altered.value : own] as const);
      yield { at: altered.at, value: Array.isArray(value) ? put.map(([, own]) => own) : Object.fromEntries(put) };
    }
}

function others(value: unknown): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return ofArray(value);
  if (typeof value === 'object' && value !== null) return ofObject(value);
  if (typeof value === 'string')
    return [
      ['longer', `${value}x`],
      ['other letter', `${value.slice(0, -1)}${value.endsWith('a') ? 'b' : 'a'}`],
      ['upper case', value.toUpperCase() === value ? `${value}X` : value.toUpperCase()],
      ['empty', value === '' ? ' ' : ''],
      ['null', null],
    ];
  if (typeof value === 'number')
    return [
      ['more', value + 1],
      ['less', value - 1],
      ['fraction', value + 0.5],
      ['inexact', 2 ** 53 + 2],
      ['text', String(value)],
      ['null', null],
    ];
  if (typeof value === 'boolean')
    return [
      ['negated', !value],
      ['text', String(value)],
      ['null', null],
    ];
  return [
    ['nought', 0],
    ['empty', ''],
  ];
}

const ofArray = (value: readonly unknown[]): readonly (readonly [string, unknown])[] => [
  ['one more', [...value, 'x']],
  ...value.map((_one, at) => [`without ${at}`, value.filter((_other, there) => there !== at)] as const),
  ...(value.length > 0 ? [['first twice', [value[0], ...value]] as const] : []),
  ...(value.length > 1 ? [['turned round', value.toReversed()] as const] : []),
];

const ofObject = (value: object): readonly (readonly [string, unknown])[] => [
  ['unknown member', { ...value, unheardOf: true }],
  ...Object.keys(value).map(
    (name) => [`without ${name}`, Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))] as const,
  ),
];
