import { databaseConnection } from '@interlock/contracts';
import { Client, type ClientConfig } from 'pg';
import { DataSource, type EntitySchema } from 'typeorm';
import { readPem } from '../read-pem.js';

/** How a service reaches its own schema with its own role. */
export interface DatabaseAddress {
  readonly url: string;
  readonly schema: string;
}

/** No statement of a service needs longer; a lock that is waited for longer is a fault. */
const STATEMENT_TIMEOUT_MS = 15_000;
const LOCK_TIMEOUT_MS = 5_000;
/** A transaction that waits for its own process this long has lost it. */
const IDLE_IN_TRANSACTION_MS = 30_000;

const serverOptions = (schema: string): string =>
  [
    `-c search_path=${schema}`,
    // What every transaction is that asks for nothing else, whatever the server was set to: said once a connection, and not once a transaction.
    '-c default_transaction_isolation=read\\ committed',
    `-c statement_timeout=${STATEMENT_TIMEOUT_MS}`,
    `-c lock_timeout=${LOCK_TIMEOUT_MS}`,
    `-c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS}`,
  ].join(' ');

/** Settings of a single connection outside the pool: migrations and the outbox relay, which wait for locks by design. */
export const lonelyConnection = (address: DatabaseAddress): ClientConfig => ({
  ...connectionOf(address),
  options: `-c search_path=${address.schema}`,
  connectionTimeoutMillis: 5_000,
  keepAlive: true,
});

const connectionOf = ({ url }: DatabaseAddress) => databaseConnection(url, (file) => readPem('DATABASE_URL', file));

/**
 * A connection that somebody always listens to. Pool and transaction each listen while they hold it; one that breaks as it is handed from one to the other, as when a
 * database is killed that has just let it in, would be heard by nobody, and that ends the process. Who uses it meets the fault at the next statement.
 */
class HeardClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/** The pool. It never changes the schema by itself; the tables are the service's own. */
export const dataSource = (address: DatabaseAddress, tables: readonly EntitySchema[], poolSize: number): DataSource => {
  const { connectionString: url, ssl } = connectionOf(address);
  return new DataSource({
    type: 'postgres',
    url,
    ...(ssl && { ssl }),
    schema: address.schema,
    entities: [...tables],
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    poolSize,
    connectTimeoutMS: 5_000,
    extra: { options: serverOptions(address.schema), keepAlive: true, Client: HeardClient },
  });
};
