import { Access, Caller, Operation, orRefuse } from '@interlock/chassis';
import {
  type AuditFilter,
  auditAnswer,
  auditFilter,
  CHECKPOINT_CHOICES,
  CountAudit,
  count,
  EraseDue,
  ErasePerson,
  evidenceAccepted,
  evidenceBatch,
  HoldLog,
  localId,
  logName,
  ProveAudit,
  QueryAudit,
  ReadCheckpoint,
  ReadHolds,
  receivedSaid,
  SayReceived,
} from '@interlock/contracts';
import { LABEL_NAMES } from '@interlock/domain';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { KeepEvidence } from '../commands/keep-evidence.js';
import { Services } from '../commands/services.js';
import { grantedReply } from '../description/granted-reply.js';

const whole = z.coerce.number().pipe(count);
const checkpointAnswer = grantedReply(ReadCheckpoint);
const countsAnswer = grantedReply(CountAudit);
const proofAnswer = grantedReply(ProveAudit);
const holdAnswer = grantedReply(HoldLog);
const holdsAnswer = grantedReply(ReadHolds);
const receivedAnswer = grantedReply(SayReceived);
const eraseAnswer = grantedReply(EraseDue);
const erasePersonAnswer = grantedReply(ErasePerson);
const personBody = z.strictObject({ person: localId });
const holdBody = z.strictObject({ held: z.boolean() });
const checkpointQuery = z.strictObject({
  log: logName,
  which: z.enum(CHECKPOINT_CHOICES).default('newest'),
  cosigners: z.coerce.number().int().min(0).max(16).optional(),
  index: whole.optional(),
});
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
  @Operation({
    summary: "Takes a gateway's evidence into the logs, as a whole.",
    reply: evidenceAccepted,
    repeats: 'same bytes',
  })
  async keep(
    @Caller() caller: EdgeCaller,
    @Body({ schema: evidenceBatch }) { records, opened, own }: z.output<typeof evidenceBatch>,
  ) {
    return orRefuse(await this.keepEvidence.run(caller, records, opened, own));
  }

  @Get('audit/events')
  @Access({ actor: 'agent' })
  @Operation({ summary: 'Rows of one log by filter, each with its inclusion proof.', reply: auditAnswer })
  async events(@Caller() { organisation }: EdgeCaller, @Query({ schema: auditFilter }) filter: AuditFilter) {
    return orRefuse(await this.services.ask(QueryAudit, { organisation, filter }));
  }

  @Get('audit/counts')
  @Access({ actor: 'agent' })
  @Operation({ summary: 'How many rows a filter finds, by labels.', reply: countsAnswer })
  async counts(@Caller() { organisation }: EdgeCaller, @Query({ schema: countsQuery }) query: CountsQuery) {
    const { by, ...filter } = query;
    return orRefuse(await this.services.ask(CountAudit, { organisation, filter, by }));
  }

  @Get('audit/checkpoint')
  @Access({ actor: 'agent' })
  @Operation({
    summary:
      'A checkpoint of a log, with its cosignatures: the newest one, or one that a witness cosigned before or after an entry came.',
    reply: checkpointAnswer,
  })
  async checkpoint(
    @Caller() { organisation }: EdgeCaller,
    @Query({ schema: checkpointQuery }) query: z.output<typeof checkpointQuery>,
  ) {
    return orRefuse(await this.services.ask(ReadCheckpoint, { organisation, ...query }));
  }

  @Put('audit/holds/:log')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({
    summary: "Sets or lifts the caller's hold on a log: nothing of it is erased while one holds it.",
    reply: holdAnswer,
    repeats: 'by key',
  })
  async hold(
    @Caller() { organisation }: EdgeCaller,
    @Param('log', { schema: logName }) log: z.output<typeof logName>,
    @Body({ schema: holdBody }) { held }: z.output<typeof holdBody>,
  ) {
    return orRefuse(await this.services.ask(HoldLog, { organisation, log, held }));
  }

  @Get('audit/holds/:log')
  @Access({ actor: 'agent' })
  @Operation({ summary: 'Who holds a log now.', reply: holdsAnswer })
  async holds(
    @Caller() { organisation }: EdgeCaller,
    @Param('log', { schema: logName }) log: z.output<typeof logName>,
  ) {
    return orRefuse(await this.services.ask(ReadHolds, { organisation, log }));
  }

  @Post('audit/received/:log')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({
    summary: 'Records what the caller says it did with data that it received: kept, erased, let in.',
    reply: receivedAnswer,
    repeats: 'by key',
  })
  async received(
    @Caller() { organisation }: EdgeCaller,
    @Param('log', { schema: logName }) log: z.output<typeof logName>,
    @Body({ schema: receivedSaid }) said: z.output<typeof receivedSaid>,
  ) {
    return orRefuse(await this.services.ask(SayReceived, { organisation, log, ...said }));
  }

  @Post('audit/erasures/:log')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({
    summary: 'Erases what a log tells of persons, where the retention both signed is over.',
    reply: eraseAnswer,
    repeats: 'by key',
  })
  async erase(
    @Caller() { organisation }: EdgeCaller,
    @Param('log', { schema: logName }) log: z.output<typeof logName>,
  ) {
    return orRefuse(await this.services.ask(EraseDue, { organisation, log }));
  }

  @Post('audit/erasures/:log/person')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({
    summary: 'Erases what a log tells of one person of the caller, before its time.',
    reply: erasePersonAnswer,
    repeats: 'by key',
  })
  async erasePerson(
    @Caller() { organisation }: EdgeCaller,
    @Param('log', { schema: logName }) log: z.output<typeof logName>,
    @Body({ schema: personBody }) { person }: z.output<typeof personBody>,
  ) {
    return orRefuse(await this.services.ask(ErasePerson, { organisation, log, person }));
  }

  @Get('audit/consistency')
  @Access({ actor: 'agent' })
  @Operation({ summary: 'That one state of a log continues another.', reply: proofAnswer })
  async consistency(
    @Caller() { organisation }: EdgeCaller,
    @Query({ schema: consistencyQuery }) { log, from, to }: z.output<typeof consistencyQuery>,
  ) {
    const ask = { organisation, log, indexes: [], oldSize: from, ...(to === undefined ? {} : { treeSize: to }) };
    return orRefuse(await this.services.ask(ProveAudit, ask));
  }
}
