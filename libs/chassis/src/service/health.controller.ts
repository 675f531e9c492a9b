import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../http/access.js';
import { Health } from './health.js';

/** What a supervisor asks. It tells names of checks and fixed words, nothing of the inside. */
@Controller()
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get('live')
  @Access({ actor: 'anyone', because: 'a supervisor has no key; the answer is one word' })
  live(): { live: true } {
    return { live: true };
  }

  @Get('ready')
  @Access({ actor: 'anyone', because: 'a supervisor has no key; the answer names checks, not data' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ ready: boolean; troubles: object }> {
    const troubles = await this.health.troubles();
    const ready = Object.keys(troubles).length === 0;
    void reply.code(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    return { ready, troubles };
  }
}
