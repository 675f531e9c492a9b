import { Access, Caller, Operation, orRefuse, Refused } from '@interlock/chassis';
import {
  AskGrant,
  addSignatures,
  askGrant,
  type ChainDocuments,
  chainDocuments,
  DenyGrant,
  denyGrant,
  grantId,
  grantList,
  grantPage,
  grantView,
  ListGrants,
  ReadChain,
  ReadGrant,
  SignGrant,
} from '@interlock/contracts';
import { type GrantId, subjectOfLogin } from '@interlock/domain';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { Services } from '../commands/services.js';

/** Grants under agreements of the caller's own organisation; every other one does not exist. */
@Controller('v1/grants')
export class GrantsController {
  constructor(private readonly services: Services) {}

  @Post()
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({ summary: 'Asks for a grant.', reply: grantView, repeats: 'by key' })
  async ask(@Caller() { organisation }: EdgeCaller, @Body({ schema: askGrant }) body: z.output<typeof askGrant>) {
    return orRefuse(await this.services.ask(AskGrant, { organisation, ...body }));
  }

  @Post(':id/signatures')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({
    summary: "Adds an approver's signature to a grant that was asked for.",
    reply: grantView,
    repeats: 'by key',
  })
  async sign(
    @Caller() { organisation }: EdgeCaller,
    @Param('id', { schema: grantId }) id: GrantId,
    @Body({ schema: addSignatures }) body: z.output<typeof addSignatures>,
  ) {
    return orRefuse(await this.services.ask(SignGrant, { organisation, id, ...body }));
  }

  @Post(':id/denial')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({ summary: 'Denies a grant that was asked for.', reply: grantView, repeats: 'by key' })
  async deny(
    @Caller() { organisation, id: by }: EdgeCaller,
    @Param('id', { schema: grantId }) id: GrantId,
    @Body({ schema: denyGrant }) body: z.output<typeof denyGrant>,
  ) {
    return orRefuse(await this.services.ask(DenyGrant, { organisation, id, by, ...body }));
  }

  @Get()
  @Access({ actor: 'agent' })
  @Operation({ summary: "The grants under agreements of the caller's company, the newest first.", reply: grantList })
  async list(@Caller() { organisation }: EdgeCaller, @Query({ schema: grantPage }) query: z.output<typeof grantPage>) {
    return this.services.ask(ListGrants, { organisation, ...query });
  }

  @Get(':id')
  @Access({ actor: 'agent' })
  @Operation({ summary: 'One grant.', reply: grantView })
  async read(@Caller() { organisation }: EdgeCaller, @Param('id', { schema: grantId }) id: GrantId) {
    return orRefuse(await this.services.ask(ReadGrant, { organisation, id }));
  }

  @Get(':id/chain')
  @Access({ actor: ['agent', 'connector'] })
  @Operation({ summary: 'What verifies a grant from pinned roots.', reply: chainDocuments })
  async chain(@Caller() caller: EdgeCaller, @Param('id', { schema: grantId }) id: GrantId): Promise<ChainDocuments> {
    if (caller.kind === 'person' && caller.grant !== id) throw new Refused({ code: 'not_a_party' });
    const chain = orRefuse(await this.services.ask(ReadChain, { organisation: caller.organisation, id }));
    const right = (chain.delegations?.at(-1) ?? chain.grant).document;
    const named =
      right.subjects.some(
        (one) => one.organisation === caller.organisation && one.kind === caller.kind && one.id === caller.id,
      ) ||
      (caller.kind === 'person' && subjectOfLogin(chain.agreement.document, right, caller) !== undefined);
    // A connector learns of the grants that name its subject, and of no others of its company.
    if (caller.actor === 'connector' && !named) throw new Refused({ code: 'not_a_party' });
    return chain;
  }
}
