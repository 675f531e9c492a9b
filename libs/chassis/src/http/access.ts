import { SetMetadata } from '@nestjs/common';

/** Who is on the other end of a route. */
export type Actor = 'organisation' | 'gateway' | 'agent' | 'connector' | 'anyone';

/** Who may call a route. For `anyone` a reason is demanded, since it is the only row that checks nobody. */
export type AccessRow =
  | { readonly actor: Exclude<Actor, 'anyone'> | readonly Exclude<Actor, 'anyone'>[]; readonly because?: string }
  | { readonly actor: 'anyone'; readonly because: string };

export const ACCESS = 'interlock:access';

/** Declares who may call this route. A route without it does not start and, if it ever ran, would answer 500. */
export const Access = (row: AccessRow): MethodDecorator => SetMetadata(ACCESS, row);

/** The kinds of caller a row lets in; none for `anyone`, who is not checked. */
export const actorsOf = (row: AccessRow): readonly Actor[] =>
  row.actor === 'anyone' ? [] : typeof row.actor === 'string' ? [row.actor] : row.actor;
