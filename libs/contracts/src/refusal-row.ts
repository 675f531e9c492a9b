/** Who can change anything about a no, for the person who meets it. */
export const WHO_CAN_MEND = {
  sender: 'whoever sent it',
  signer: 'whoever signed it',
  publisher: 'the company whose key or document it is',
  company: 'the company itself: whoever runs its agent',
  administrator: 'the administrator of your own company',
  subject: 'you, who use the right',
  requester: 'whoever asks for the grant',
  owner: 'the owner of the resource',
  plant: 'the people of the plant, at its gateway',
  gateway: 'whoever runs the gateway',
  source: 'whoever pushes or seals the data',
  partner: 'the company whose word it is',
  both: 'both companies, who sign what is agreed',
  log: 'whoever runs the log',
  operator: 'whoever runs the broker or the region',
  nobody: 'nobody has to: it passes, or is over',
} as const;
export type WhoCanMend = keyof typeof WHO_CAN_MEND;

/** One code of the table: how it is answered, and what its page says. */
export interface ProblemRow {
  readonly status: number;
  readonly who: WhoCanMend;
  /** What the person who meets it reads: what is wrong; what to do. */
  readonly title: `${string}; ${string}`;
}

export interface RefusalRow extends ProblemRow {
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 429 | 503;
}
