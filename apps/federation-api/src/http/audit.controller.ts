import { Access, Caller, orRefuse } from '@interlock/chassis';
import {
  type AuditFilter,
  auditFilter,
  CountAudit,
  count,
  evidenceBatch,
  logName,
  ProveAudit,
  QueryAudit,
  ReadCheckpoint,
} from '@interlock/contracts';
import { LABEL_NAMES } from '@interlock/domain';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { KeepEvidence } from '../commands/keep-evidence.js';
import { Services } from '../commands/services.js';

const whole = z.coerce.number().pipe(count);
const checkpointQuery = z.strictObject({ log: logName, which: z.enum(['newest', 'cosigned']).default('newest') });
const consistencyQuery = z.strictObject({ log: logName, from: whole, to: whole.optional() });

/** `by=kind,outcome`: the labels to count by. */
const countsQuery = auditFilter.extend({
  by: z
    .string()
    .max(200)
    .default('kind,outcome')
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(LABEL_NAMES)).min(1).max(8)),
});
type CountsQuery = z.output<typeof countsQuery>;

/** Evidence in and out. Whose log it is, the audit service decides by row-level security. */
@Controller('v1')
export class AuditController {
  constructor(
    private readonly services: Services,
    private readonly keepEvidence: KeepEvidence,
  ) {}

  @Post('evidence')
  @HttpCode(200)
  @Access({ actor: 'gateway' })
  async keep(
    @Caller() caller: EdgeCaller,
    @Body({ schema: evidenceBatch }) { records }: z.output<typeof evidenceBatch>,
  ) {
    return orRefuse(await this.keepEvidence.run(caller, records));
  }

  @Get('audit/events')
  @Access({ actor: 'agent' })
  async events(@Caller() { organisation }: EdgeCaller, @Query({ schema: auditFilter }) filter: AuditFilter) {
    return orRefuse(await this.services.ask(QueryAudit, { organisation, filter }));
  }

  @Get('audit/counts')
  @Access({ actor: 'agent' })
  async counts(@Caller() { organisation }: EdgeCaller, @Query({ schema: countsQuery }) query: CountsQuery) {
    const { by, ...filter } = query;
    return orRefuse(await this.services.ask(CountAudit, { organisation, filter, by }));
  }

  @Get('audit/checkpoint')
  @Access({ actor: 'agent' })
  async checkpoint(
    @Caller() { organisation }: EdgeCaller,
    @Query({ schema: checkpointQuery }) query: z.output<typeof checkpointQuery>,
  ) {
    return orRefuse(await this.services.ask(ReadCheckpoint, { organisation, ...query }));
  }

  @Get('audit/consistency')
  @Access({ actor: 'agent' })
  async consistency(
    @Caller() { organisation }: EdgeCaller,
    @Query({ schema: consistencyQuery }) { log, from, to }: z.output<typeof consistencyQuery>,
  ) {
    const ask = { organisation, log, indexes: [], oldSize: from, ...(to === undefined ? {} : { treeSize: to }) };
    return orRefuse(await this.services.ask(ProveAudit, ask));
  }
}
