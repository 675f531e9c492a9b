import { Access, Caller, Operation, orRefuse } from '@interlock/chassis';
import { logName, ReadTile } from '@interlock/contracts';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { Services } from '../commands/services.js';

type LogName = z.output<typeof logName>;
/** What stands behind `tile/`; whether it is a path of the layout, the audit service knows. */
const tilePath = z.string().min(1).max(180);

/**
 * Each log as C2SP tlog-tiles: `checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]` under `/v1/logs/<log>`, as static files
 * would be served: what is not there, and what nobody may see, is 404.
 */
@Controller('v1/logs')
export class LogsController {
  constructor(private readonly services: Services) {}

  @Get(':log/checkpoint')
  @Access({ actor: 'agent' })
  @Operation({ summary: 'The newest checkpoint of a log, as a signed note.', reply: z.string(), type: 'text/plain' })
  checkpoint(
    @Caller() { organisation }: EdgeCaller,
    @Param('log', { schema: logName }) log: LogName,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    return this.resource(organisation, log, 'checkpoint', reply);
  }

  @Get(':log/tile/*')
  @Access({ actor: 'agent' })
  @Operation({
    summary: 'A tile of hashes, or a bundle of entries under `entries/`, as C2SP tlog-tiles lays them out.',
    reply: z.string(),
    type: 'application/octet-stream',
  })
  tile(
    @Caller() { organisation }: EdgeCaller,
    @Param('log', { schema: logName }) log: LogName,
    @Param('*', { schema: tilePath }) path: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    return this.resource(organisation, log, `tile/${path}`, reply);
  }

  private async resource(
    organisation: EdgeCaller['organisation'],
    log: LogName,
    path: string,
    reply: FastifyReply,
  ): Promise<Buffer> {
    const found = orRefuse(await this.services.ask(ReadTile, { organisation, log, path }));
    // Shown to a party alone, so no cache between may keep it; the party's own may, for ever where it never changes.
    reply.header('cache-control', found.immutable ? 'private, max-age=31536000, immutable' : 'no-store');
    reply.type(found.contentType);
    return Buffer.from(found.body, 'base64');
  }
}
