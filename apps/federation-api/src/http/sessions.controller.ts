import { Access, Caller, Operation, orRefuse, Refused } from '@interlock/chassis';
import { admission, askSession, OpenSession } from '@interlock/contracts';
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { Services } from '../commands/services.js';
import { idempotencyKeyOf } from './idempotency-key.js';

/** Admission of subjects: people by the login proof of their own company, machines and workloads by their certified key. */
@Controller('v1/sessions')
export class SessionsController {
  constructor(private readonly services: Services) {}

  @Post()
  @HttpCode(200)
  @Access({ actor: 'connector' })
  @Operation({
    summary: 'Asks for admission to a resource under a grant; the gateway of its owner decides.',
    reply: admission,
    repeats: 'by key, judged anew',
  })
  async open(
    @Caller() caller: EdgeCaller,
    @Req() request: FastifyRequest,
    @Body({ schema: askSession }) ask: z.output<typeof askSession>,
  ) {
    const { organisation, id, kind, thumbprint } = caller;
    if (kind !== 'person' && kind !== 'machine' && kind !== 'workload')
      throw new Refused({ code: 'caller_not_allowed' });
    const subject = { organisation, id, kind, thumbprint };
    const key = idempotencyKeyOf(request);
    const asked = { caller: subject, ask, ...(key !== undefined && { key }) };
    return orRefuse(await this.services.ask(OpenSession, asked));
  }
}
