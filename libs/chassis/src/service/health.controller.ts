import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Access } from '../http/access.js';
import { Operation } from '../http/operation.js';
import { Health } from './health.js';

const readiness = z.strictObject({ ready: z.boolean(), troubles: z.record(z.string(), z.string()) });

/** What a supervisor asks. It tells names of checks and fixed words, nothing of the inside. */
@Controller()
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get('live')
  @Access({ actor: 'anyone', because: 'a supervisor has no key; the answer is one word' })
  @Operation({ summary: 'Whether the process runs.', reply: z.strictObject({ live: z.literal(true) }) })
  live(): { live: true } {
    return { live: true };
  }

  @Get('ready')
  @Access({ actor: 'anyone', because: 'a supervisor has no key; the answer names checks, not data' })
  @Operation({ summary: 'Whether it can do its work, and which checks say no.', reply: readiness })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ ready: boolean; troubles: object }> {
    const troubles = await this.health.troubles();
    const ready = Object.keys(troubles).length === 0;
    void reply.code(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return { ready, troubles };
  }
}
