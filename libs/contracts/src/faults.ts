import { SERVICES } from './events/subjects.js';
import type { ProblemRow } from './refusal-row.js';

const AWAY = {
  status: 503,
  who: 'operator',
  title: 'A service behind this one does not answer; nothing was decided, try again in a moment',
} as const satisfies ProblemRow;

/** What a server says before any rule was asked: the transport's noes, and that it could not. Beside the refusals, with a page each. */
export const FAULTS = {
  not_found: { status: 404, who: 'sender', title: 'There is nothing here; /reference lists every path' },
  not_allowed: { status: 403, who: 'sender', title: 'The caller may not do this; /reference names who may' },
  method_not_allowed: {
    status: 405,
    who: 'sender',
    title: 'This method is not allowed here; /reference names those that are',
  },
  too_slow: { status: 408, who: 'sender', title: 'The request took too long to arrive; send it again' },
  unsupported_media_type: {
    status: 415,
    who: 'sender',
    title: 'This route does not take this content type; /reference names the one it takes',
  },
  refused: {
    status: 403,
    who: 'operator',
    title: 'The request was refused; this version has no words for why, tell whoever runs it the time',
  },
  internal: {
    status: 500,
    who: 'operator',
    title: 'The request could not be completed; try again, and if it stays so tell whoever runs it the time',
  },
  unavailable: AWAY,
} as const satisfies Record<string, ProblemRow>;

/** The code of a service that does not answer the others. */
export const unavailable = (service: string) => `${service.replaceAll('-', '_')}_unavailable` as const;

export const SERVICES_AWAY: Readonly<Record<string, ProblemRow>> = Object.fromEntries(
  SERVICES.map((service) => [unavailable(service), AWAY]),
);
