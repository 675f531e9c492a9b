import { busLink, databaseLink, webLink } from '@interlock/contracts';
import { z } from 'zod';
import { LOG_LEVELS } from '../log/logger.js';

const port = () => z.coerce.number().int().min(0).max(65_535).default(0);

/** The settings of every service. */
export const chassisSettings = {
  /** `nats://user:password@host:port[,...]` of the internal bus, `tls://...` on another machine; the user is the service's own. */
  NATS_URL: busLink(),
  /** File (PEM) of who issued the bus's certificate; left out, those that Node trusts. Only with `tls://`. */
  NATS_CA_FILE: z.string().min(1).optional(),
  /** Servers in the bus's cluster, for the number of copies the deploy step asks for. */
  NATS_SERVERS: z.coerce.number().int().min(1).max(5).default(1),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  /** Port of HTTP, or of health alone where a service has no HTTP. 0: any free one, told in the ready line. */
  PORT: port(),
  /** Address to listen on. Health alone needs no more than the loopback address. */
  HOST: z.string().min(1).default('127.0.0.1'),
  /** Port on which the operator's monitoring reads `GET /metrics`; none where it is left out. 0: any free one. */
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** Address of that port. What is told there names no company, and is still nobody's business outside. */
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  /** How long another service may take to answer. Milliseconds. */
  REQUEST_DEADLINE_MS: z.coerce.number().int().min(50).max(60_000).default(2_000),
  /** Where OpenTelemetry spans go (OTLP over HTTP, JSON; `/v1/traces` is added); left out, trace ids are made and no span leaves. */
  OTEL_EXPORTER_OTLP_ENDPOINT: webLink().optional(),
  /** 1: end when stdin ends, so that a killed parent leaves no orphan. */
  INTERLOCK_PARENT_PIPE: z.enum(['0', '1']).default('0'),
};

/** As above, for services with tables. */
export const databaseSettings = {
  /** `postgres://role:password@host:port/database`, with `?sslmode=verify-full[&sslrootcert=/FILE]` on another machine; the role is the service's own. */
  DATABASE_URL: databaseLink(),
  DATABASE_POOL: z.coerce.number().int().min(2).max(100).default(8),
};
