import { Access, Caller, Operation, orRefuse, Refused } from '@interlock/chassis';
import { AskBusUser, askBusUser, type BusUser, busUser } from '@interlock/contracts';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import type { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { Services } from '../commands/services.js';

/** Users of the regional buses, for gateways that publish and for agents and workloads that pull. */
@Controller('v1/regions')
export class RegionsController {
  constructor(private readonly services: Services) {}

  @Post('users')
  @HttpCode(200)
  @Access({ actor: ['gateway', 'agent', 'connector'] })
  @Operation({
    summary: "Issues a short-lived user of a region's bus, for one agreement and one role.",
    reply: busUser,
    repeats: 'another',
  })
  async issueUser(
    @Caller() { organisation, kind, id }: EdgeCaller,
    @Body({ schema: askBusUser }) ask: z.output<typeof askBusUser>,
  ): Promise<BusUser> {
    // A person's login proof is for one session under one grant; a pipeline has a certificate of its own.
    if (kind !== 'gateway' && kind !== 'agent' && kind !== 'workload')
      throw new Refused({ code: 'caller_not_allowed' });
    return orRefuse(await this.services.ask(AskBusUser, { caller: { organisation, kind, id }, ask }));
  }
}
