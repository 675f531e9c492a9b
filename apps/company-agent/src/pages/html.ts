/** Text that is HTML already. Only `html` makes one, so everything else is escaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = Html | string | number | readonly Html[] | undefined | false;

/** HTML from a template: every value is escaped unless it is itself made by this function. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(strings.map((part, at) => part + render(values[at])).join(''));
}

function render(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map((one) => one.text).join('');
  return escapeHtml(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe as text and inside a quoted attribute. Characters that turn the direction of writing are shown as codes: they make one name look like another. */
export const escapeHtml = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(
      /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g,
      (c) => `&lt;U+${c.charCodeAt(0).toString(16).toUpperCase()}&gt;`,
    );
