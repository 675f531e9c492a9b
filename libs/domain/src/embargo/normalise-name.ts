/** A name as it is compared: words in plain letters, without what every company has in its name. */
export interface NormalName {
  readonly words: readonly string[];
  /** All letters of the words, without spaces: "Aero-Caribbean" and "AEROCARIBBEAN" are one. */
  readonly squashed: string;
}

/** Legal forms and articles, after dots were taken away. They tell no two companies apart. */
const FORMS = new Set(
  (
    'ab ag aktiengesellschaft as asa bv bvba co company corp corporation doo dd eood ead eurl gmbh inc incorporated jsc kg kgaa kft ' +
    'kommanditgesellschaft limited limitada llc llp lp ltd ltda lda mbh nv oao oy oyj ooo ojsc pao pjsc plc pte pty pvt sa sarl sas se ' +
    'sl sp spa srl sro the tov ug zao zoo zrt cjsc gesellschaft ohg gbr ek oo ao ip fze fzco fzc sdn bhd and und et y i de la del der di'
  ).split(' '),
);

/** Russian and Ukrainian as registers spell them in Latin letters (BGN/PCGN, without signs). */
const CYRILLIC: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'а:a б:b в:v г:g ґ:g д:d е:e ё:e є:ye ж:zh з:z и:i і:i ї:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh ' +
    'щ:shch ы:y э:e ю:yu я:ya'
  )
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);
const SPECIAL: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
  ъ: '',
  ь: '',
  '&': ' ',
};

/**
 * The name in comparable form: case, diacritics, Cyrillic letters, punctuation and legal forms taken away. Undefined where letters remain
 * that nothing here can compare: whoever writes a name in other letters is not thereby somebody else.
 */
export function normaliseName(text: string): NormalName | undefined {
  const plain = ASCII_LETTERS.test(text) ? text.toLowerCase() : latin(text);
  const letters = plain.replace(/[.'’`"]/g, '');
  if (/[^\x00-\x7f]/.test(letters) && /[^\x00-\x7f\p{P}\p{S}\p{Z}]/u.test(letters)) return undefined;
  const all = letters.split(/[^a-z0-9]+/).filter((word) => word !== '');
  const telling = all.filter((word) => !FORMS.has(word));
  const words = telling.length > 0 ? telling : all;
  const squashed = words.join('');
  return squashed.length < 2 ? undefined : { words, squashed };
}

const ASCII_LETTERS = /^[\x20-\x25\x27-\x7e]*$/;

function latin(text: string): string {
  const bare = text
    .toLowerCase()
    // The short i is a letter of its own; taking its mark away first would make it another.
    .replace(/й/g, 'y')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
  let out = '';
  for (const letter of bare) out += SPECIAL[letter] ?? CYRILLIC[letter] ?? letter;
  return out;
}
