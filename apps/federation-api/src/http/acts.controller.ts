import { Access, Caller, Operation, orRefuse } from '@interlock/chassis';
import {
  accepted,
  HandInAgreementAct,
  HandInRightAct,
  HandInVerdict,
  handInAct,
  handInVerdict,
} from '@interlock/contracts';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import type { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { Services } from '../commands/services.js';

/** What the registry owns; everything else that an act can name is of the grants service. */
const OF_THE_REGISTRY: ReadonlySet<string> = new Set(['agreement', 'annex', 'resource']);
const ACCEPTED = { accepted: true } as const;

/** Acts and verdicts: signed by a company, kept and relayed by the service that owns what they are about. */
@Controller('v1')
export class ActsController {
  constructor(private readonly services: Services) {}

  @Post('acts')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({
    summary: 'Hands in an act: it takes away, resumes or terminates what both agreed.',
    reply: accepted,
    repeats: 'by key',
  })
  async act(@Caller() { organisation }: EdgeCaller, @Body({ schema: handInAct }) { act }: z.output<typeof handInAct>) {
    const service = OF_THE_REGISTRY.has(act.document.target.kind) ? HandInAgreementAct : HandInRightAct;
    orRefuse(await this.services.ask(service, { organisation, act }));
    return ACCEPTED;
  }

  @Post('verdicts')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({ summary: "Hands in a verdict of the caller's own company.", reply: accepted, repeats: 'by key' })
  async verdict(
    @Caller() { organisation }: EdgeCaller,
    @Body({ schema: handInVerdict }) body: z.output<typeof handInVerdict>,
  ) {
    orRefuse(await this.services.ask(HandInVerdict, { organisation, ...body }));
    return ACCEPTED;
  }
}
