import { Access, Caller, Operation, orRefuse } from '@interlock/chassis';
import {
  accepted,
  gatewayReport,
  KeepGatewayReport,
  PublishCertificates,
  PublishEntity,
  publishCertificates,
  publishEntity,
  publishedDocuments,
  ReadPublished,
  thumbprint,
} from '@interlock/contracts';
import type { Thumbprint } from '@interlock/domain';
import { Body, Controller, Get, HttpCode, Param, Put } from '@nestjs/common';
import type { z } from 'zod';
import type { EdgeCaller } from '../callers/callers.js';
import { Services } from '../commands/services.js';

const ACCEPTED = { accepted: true } as const;

/** What organisations publish about themselves. */
@Controller('v1')
export class PublishedController {
  constructor(private readonly services: Services) {}

  @Put('entities')
  @HttpCode(200)
  @Access({
    actor: 'anyone',
    because: 'an entity document proves itself by its root, and the first one of a company has no other key',
  })
  @Operation({
    summary: 'Publishes an entity document; the first root under a name keeps it.',
    reply: accepted,
    repeats: 'same bytes',
  })
  async publishEntity(@Body({ schema: publishEntity }) body: z.output<typeof publishEntity>) {
    orRefuse(await this.services.ask(PublishEntity, body));
    return ACCEPTED;
  }

  @Put('certificates')
  @HttpCode(200)
  @Access({ actor: 'agent' })
  @Operation({ summary: "Publishes key certificates of the caller's own company.", reply: accepted, repeats: 'by key' })
  async publishCertificates(
    @Caller() caller: EdgeCaller,
    @Body({ schema: publishCertificates }) body: z.output<typeof publishCertificates>,
  ) {
    orRefuse(await this.services.ask(PublishCertificates, { organisation: caller.organisation, ...body }));
    return ACCEPTED;
  }

  @Put('gateway-report')
  @HttpCode(200)
  @Access({ actor: 'gateway' })
  @Operation({
    summary: "Says which terms the calling gateway's program evaluates.",
    reply: accepted,
    repeats: 'by key',
  })
  async report(
    @Caller() { organisation, id: gateway }: EdgeCaller,
    @Body({ schema: gatewayReport }) body: z.output<typeof gatewayReport>,
  ) {
    await this.services.ask(KeepGatewayReport, { organisation, gateway, ...body });
    return ACCEPTED;
  }

  @Get('entities/:root')
  @Access({
    actor: 'anyone',
    because: 'only who was given the root thumbprint can ask, and what he gets is public to him',
  })
  @Operation({ summary: 'What the company of a pinned root publishes.', reply: publishedDocuments })
  async read(@Param('root', { schema: thumbprint }) root: Thumbprint) {
    return orRefuse(await this.services.ask(ReadPublished, { root }));
  }
}
