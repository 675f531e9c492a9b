import type { LivePress } from './live-press.js';

/** What the console does with a line: print and go on, stream telemetry, or end the session. */
export type ConsoleAnswer =
  | { readonly kind: 'text'; readonly text: string; readonly exitCode: number }
  | { readonly kind: 'telemetry' }
  | { readonly kind: 'end' };

export const CONSOLE_COMMANDS = [
  'uptime',
  'status',
  'show program',
  'hostname',
  'tail telemetry',
  'help',
  'exit',
] as const;
/** What a shell says of a command it does not know. */
const UNKNOWN_COMMAND = 127;

/** Answers one console line from the live machine. Blanks and case do not matter; nothing is ever handed to a real shell. */
export function answerConsole(line: string, press: LivePress): ConsoleAnswer {
  const { settings } = press;
  switch (line.trim().replace(/\s+/g, ' ').toLowerCase()) {
    case '':
      return print('');
    case 'uptime':
      return print(`up ${duration(press.state.seconds)}, ${press.state.cycles} cycles`);
    case 'status':
      return print(status(press));
    case 'show program':
      return print(`program ${settings.program}\nexecution ${press.state.execution}`);
    case 'hostname':
      return print(settings.machine);
    case 'tail telemetry':
      return { kind: 'telemetry' };
    case 'help':
      return print(`commands: ${CONSOLE_COMMANDS.join(', ')}`);
    case 'exit':
    case 'logout':
    case 'quit':
      return { kind: 'end' };
    default:
      return print(`unknown command, try one of: ${CONSOLE_COMMANDS.join(', ')}`, UNKNOWN_COMMAND);
  }
}

const print = (text: string, exitCode = 0): ConsoleAnswer => ({ kind: 'text', text, exitCode });

function status({ settings, state, advice }: LivePress): string {
  return [
    `machine ${settings.machine}`,
    `execution ${state.execution}`,
    'mode PRODUCTION',
    'emergency stop ARMED',
    `ram ${state.ramPosition.toFixed(1)} mm`,
    `force ${state.force.toFixed(0)} kN`,
    `oil ${state.oilTemperature.toFixed(1)} C`,
    `cycles ${state.cycles}`,
    `energy ${state.energy.toFixed(1)} kWh`,
    advice ? `vendor advice ${advice.advice} (remaining strokes: ${advice.remainingStrokes ?? 'no forecast'})` : '',
  ]
    .filter(Boolean)
    .join('\n');
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
