import { Access } from '@interlock/chassis';
import { Controller, Get } from '@nestjs/common';

/** Whether the API answers at all; whether it can do its work is `/ready`, for the operator. */
@Controller('v1/health')
export class HealthController {
  @Get()
  @Access({ actor: 'anyone', because: 'whoever dials may learn that somebody is there' })
  answer(): { ok: true } {
    return { ok: true };
  }
}
