import { type Command, Help, type Option } from 'commander';
import { EXAMPLES } from './examples.js';

/** How the words in angle brackets are written; said below the options of a verb that takes one. */
const FORMS: Readonly<Record<string, string>> = {
  span: 'SPAN is a whole number with s, min, h or d: 30min, 8h, 90d',
  time: 'TIME names its zone: 2026-06-01T22:00Z, 2026-06-01T22:00+02:00',
  list: 'LIST is separated by commas, without spaces',
};

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
] as const;

const spanWords = (seconds: number): string => {
  const [size, unit] = UNITS.find(([one]) => seconds >= one && seconds % one === 0) ?? [1, 's'];
  return `${seconds / size}${unit}`;
};

/** A default as a person would type it; undefined where there is none to speak of. */
function defaultWords({ flags, defaultValue }: Option): string | undefined {
  if (defaultValue === undefined || defaultValue === '' || typeof defaultValue === 'boolean') return undefined;
  if (Array.isArray(defaultValue)) return defaultValue.length === 0 ? undefined : defaultValue.join(',');
  return flags.includes('<span>') ? spanWords(Number(defaultValue)) : String(defaultValue);
}

function optionDescription(option: Option): string {
  const given = defaultWords(option);
  const more = [
    ...(option.mandatory && option.defaultValue === undefined ? ['required'] : []),
    ...(option.argChoices ? [`one of: ${option.argChoices.join(', ')}`] : []),
    ...(given === undefined ? [] : [`default: ${given}`]),
  ];
  return more.length === 0 ? option.description : `${option.description} (${more.join('; ')})`;
}

const wordsOf = (command: Command): string =>
  command.parent ? [wordsOf(command.parent), command.name()].filter(Boolean).join(' ') : '';

function formatHelp(command: Command, helper: Help): string {
  const words = wordsOf(command);
  const example = EXAMPLES[words];
  const flags = helper.visibleOptions(command).map((option) => option.flags);
  const forms = Object.entries(FORMS).filter(([form]) => flags.some((one) => one.includes(`<${form}>`)));
  return [
    Help.prototype.formatHelp.call(helper, command, helper),
    ...(forms.length > 0 ? [`${forms.map(([, said]) => said).join('\n')}\n`] : []),
    ...(example === undefined ? [] : [`Example:\n  interlock ${words} ${example}\n`]),
    ...(command.commands.length > 0
      ? [`"interlock ${words ? `${words} ` : ''}COMMAND --help" says what a command takes, with an example.\n`]
      : []),
  ].join('\n');
}

/** How `--help` of every verb is written: which options are required, defaults in the units they are typed in, and an example. */
export const HELP_OF_VERBS = { optionDescription, formatHelp };
