import { Access, Operation } from '@interlock/chassis';
import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';

const alive = z.strictObject({ ok: z.literal(true) });

/** Whether the API answers at all; whether it can do its work is `/ready`, for the operator. */
@Controller('v1/health')
export class HealthController {
  @Get()
  @Access({ actor: 'anyone', because: 'whoever dials may learn that somebody is there' })
  @Operation({ summary: 'Whether the API answers at all.', reply: alive })
  answer(): { ok: true } {
    return { ok: true };
  }
}
