import type { EntityManager, EntitySchema, ObjectLiteral, Repository } from 'typeorm';
import type { ThroughStep } from '../steps.js';

declare const madeByTransactor: unique symbol;

/** What a store may do with a table. There is no `save`, no cascade and no relation: insert and update say which one happens. */
export type TableAccess<Row extends ObjectLiteral> = Pick<
  Repository<Row>,
  'insert' | 'update' | 'delete' | 'find' | 'findBy' | 'findOneBy' | 'existsBy' | 'countBy' | 'createQueryBuilder'
>;

/** An open transaction. Only `Transactor.run` makes one, so what needs a `Tx` cannot happen outside a transaction. */
export interface Tx {
  readonly [madeByTransactor]: true;
  /** Runs one parameterised statement and returns its rows. */
  query<Row extends object = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** The table of this schema, inside this transaction. */
  table<Row extends ObjectLiteral>(schema: EntitySchema<Row>): TableAccess<Row>;
  /**
   * From here to the end of the transaction, row-level security shows the rows of this organisation;
   * before it, none. `EVERY_ORGANISATION` is for the service's own work on behalf of nobody.
   */
  actFor(organisation: string): Promise<void>;
}

/** See `Tx.actFor`. Not a possible organisation name, so nobody can be called so. */
export const EVERY_ORGANISATION = '*';

/** Inside of this folder only: the transaction as the chassis sees it. */
export class OpenTransaction {
  constructor(
    private readonly manager: EntityManager,
    readonly through: ThroughStep,
    /** The service whose transaction it is. */
    readonly service: string,
    /** Whether anything was appended to the outbox, so that the relay is woken after the commit. */
    public announced = false,
  ) {}

  async query<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const answer: unknown = await this.manager.query(sql, [...parameters]);
    return rowsOf<Row>(answer);
  }

  table<Row extends ObjectLiteral>(schema: EntitySchema<Row>): TableAccess<Row> {
    return this.manager.getRepository(schema);
  }

  async actFor(organisation: string): Promise<void> {
    await this.manager.query(`select set_config('interlock.organisation', $1, true)`, [organisation]);
  }
}

/** TypeORM answers `update` and `delete` with `[rows, count]` and everything else with rows. */
const rowsOf = <Row>(answer: unknown): Row[] => {
  if (!Array.isArray(answer)) return [];
  const isPair = answer.length === 2 && Array.isArray(answer[0]) && typeof answer[1] === 'number';
  return (isPair ? answer[0] : answer) as Row[];
};

/** The only two casts between the branded type and what stands behind it. */
export const brandedTx = (open: OpenTransaction): Tx => open as unknown as Tx;
export const openTransaction = (tx: Tx): OpenTransaction => tx as unknown as OpenTransaction;
