import { Access, Caller, Operation, orRefuse } from '@interlock/chassis';
import {
  accepted,
  addSignatures,
  agreementId,
  agreementList,
  agreementPage,
  agreementView,
  DiscardDraft,
  draftList,
  draftName,
  draftView,
  HandInAnnex,
  HandInSignal,
  handInAnnex,
  handInSignal,
  KeepDraft,
  keepDraft,
  ListAgreements,
  ListDrafts,
  ProposeAgreement,
  proposeAgreement,
  SignAgreement,
  standing,
} from '@interlock/contracts';
import type { AgreementId } from '@interlock/domain';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import type { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { composeStanding } from '../commands/compose-standing.js';
import { Services } from '../commands/services.js';

/** Agreements of the caller's own organisation; every other one does not exist. */
@Controller('v1/agreements')
export class AgreementsController {
  constructor(private readonly services: Services) {}

  @Post()
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({
    summary: 'Proposes an agreement, or amends one by its next version.',
    reply: agreementView,
    repeats: 'by key',
  })
  async propose(
    @Caller() { organisation }: EdgeCaller,
    @Body({ schema: proposeAgreement }) body: z.output<typeof proposeAgreement>,
  ) {
    return orRefuse(await this.services.ask(ProposeAgreement, { organisation, ...body }));
  }

  @Put('drafts')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({
    summary: "Keeps a draft, or writes over it: the caller's company alone sees it.",
    reply: draftView,
    repeats: 'by key',
  })
  async keepDraft(
    @Caller() { organisation }: EdgeCaller,
    @Body({ schema: keepDraft }) { agreement }: z.output<typeof keepDraft>,
  ) {
    return orRefuse(await this.services.ask(KeepDraft, { organisation, agreement }));
  }

  @Get('drafts')
  @Access({ actor: 'agent' })
  @Operation({ summary: "The drafts of the caller's company, and which of them were proposed.", reply: draftList })
  async drafts(@Caller() { organisation }: EdgeCaller) {
    return this.services.ask(ListDrafts, { organisation });
  }

  @Post('drafts/discard')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({ summary: 'Throws away a draft that was not proposed.', reply: accepted, repeats: 'by key' })
  async discardDraft(
    @Caller() { organisation }: EdgeCaller,
    @Body({ schema: draftName }) body: z.output<typeof draftName>,
  ) {
    orRefuse(await this.services.ask(DiscardDraft, { organisation, ...body }));
    return { accepted: true } as const;
  }

  @Post(':id/signatures')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({
    summary: 'Adds signatures over exactly the bytes that were proposed.',
    reply: agreementView,
    repeats: 'by key',
  })
  async sign(
    @Caller() { organisation }: EdgeCaller,
    @Param('id', { schema: agreementId }) id: AgreementId,
    @Body({ schema: addSignatures }) body: z.output<typeof addSignatures>,
  ) {
    return orRefuse(await this.services.ask(SignAgreement, { organisation, id, ...body }));
  }

  @Post(':id/annexes')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({
    summary:
      'Hangs a signed document on an agreement: an attestation, an acceptance, an exception, a record of a machine.',
    reply: accepted,
    repeats: 'by key',
  })
  async annex(
    @Caller() { organisation }: EdgeCaller,
    @Param('id', { schema: agreementId }) id: AgreementId,
    @Body({ schema: handInAnnex }) { annex }: z.output<typeof handInAnnex>,
  ) {
    orRefuse(await this.services.ask(HandInAnnex, { organisation, agreementId: id, annex }));
    return { accepted: true } as const;
  }

  @Post(':id/signals')
  @HttpCode(200)
  @Access({ actor: ['agent', 'gateway'] })
  @Operation({
    summary:
      "Says a fact of the caller's own company to every party: somebody is present, what program a gateway runs.",
    reply: accepted,
    repeats: 'same bytes',
  })
  async signal(
    @Caller() { organisation }: EdgeCaller,
    @Param('id', { schema: agreementId }) id: AgreementId,
    @Body({ schema: handInSignal }) { signal }: z.output<typeof handInSignal>,
  ) {
    orRefuse(await this.services.ask(HandInSignal, { organisation, agreementId: id, signal }));
    return { accepted: true } as const;
  }

  @Get()
  @Access({ actor: 'agent' })
  @Operation({
    summary: "The agreements of the caller's company, what is not over first, then the newest.",
    reply: agreementList,
  })
  async list(
    @Caller() { organisation }: EdgeCaller,
    @Query({ schema: agreementPage }) page: z.output<typeof agreementPage>,
  ) {
    return this.services.ask(ListAgreements, { organisation, ...page });
  }

  @Get(':id/standing')
  @Access({ actor: ['agent', 'gateway'] })
  @Operation({
    summary: 'Everything signed that bears on an agreement now, to be verified by its receiver.',
    reply: standing,
  })
  async standing(@Caller() { organisation }: EdgeCaller, @Param('id', { schema: agreementId }) id: AgreementId) {
    return orRefuse(await composeStanding(this.services, organisation, id));
  }
}
