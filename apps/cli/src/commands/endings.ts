import { RELAY_REFUSALS, TUNNEL_REFUSALS } from '@interlock/contracts';

/** What this program itself may have to say no to, and how a session or a stream may end, beside the refusals of the contracts. */
export interface Ending {
  readonly means: string;
  readonly whatToDo: string;
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  ended_by_subject: { means: 'You ended the session', whatToDo: 'Nothing.' },
  control_lost: {
    means: 'The connection to the gateway was lost, and every stream of the session with it',
    whatToDo:
      'Connect again. If it fails again, ask the owner of the resource whether the gateway or the relay is down.',
  },
  gateway_stopping: {
    means: 'The gateway is being stopped or restarted by its owner',
    whatToDo: 'Connect again in a moment.',
  },
  relay_unreachable: {
    means: 'The relay could not be reached',
    whatToDo: 'Check that this computer may dial out to it; ask the owner of the resource which relay that is.',
  },
  decision_late: {
    means: 'The gateway did not decide in time',
    whatToDo: 'Connect again; the owner of the resource sees in the log what the gateway waits for.',
  },
  decision_failed: { means: 'The gateway could not decide, so it did not open', whatToDo: 'Ask its owner to look.' },
  stream_failed: { means: 'A stream broke while it was being opened', whatToDo: 'Open it again.' },
  streams_too_many: {
    means: 'This session has opened as many streams as one session may',
    whatToDo: 'End it and connect again.',
  },
  not_cosigned: {
    means: 'The log is not cosigned by as many companies as the agreement asks for',
    whatToDo: 'Wait until both agents are running and cosign; if one stays silent, ask its company why.',
  },
  answer_incomplete: {
    means: 'The answer is not all of it: rows of the log are missing in it, or rows of it are not in the log',
    whatToDo: 'Keep the answer and the copy: together they show that the audit service did not tell the truth.',
  },
  service_unreachable: {
    means: 'The gateway could not reach the service on the machine',
    whatToDo: 'Ask the owner of the machine whether it is switched on and the service runs.',
  },
};

const TUNNEL: Readonly<Record<string, string>> = { ...TUNNEL_REFUSALS, ...RELAY_REFUSALS };
const AGAIN = 'Connect again; if it comes again, tell the owner of the resource this code.';

/** What a code of this table or of the tunnel means; undefined for any other. */
export function endingOf(code: string): Ending | undefined {
  if (Object.hasOwn(ENDINGS, code)) return ENDINGS[code];
  const said = Object.hasOwn(TUNNEL, code) ? TUNNEL[code] : undefined;
  if (said === undefined) return undefined;
  const [means = said, ...advice] = said.split('; ');
  return { means: capital(means), whatToDo: advice.length > 0 ? `${capital(advice.join('; '))}.` : AGAIN };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const ENDING_CODES: readonly string[] = [...new Set([...Object.keys(ENDINGS), ...Object.keys(TUNNEL)])];
