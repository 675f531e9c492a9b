import { Access, describedRoutes, Operation } from '@interlock/chassis';
import { Controller, Get, Header } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { z } from 'zod';
import { asyncApiOf } from '../description/async-api.js';
import EXAMPLES from '../description/examples.json' with { type: 'json' };
import { type OpenApiDocument, openApiOf } from '../description/open-api.js';
import { referencePage } from '../description/reference-page.js';
import { ApiOrigin } from './api-origin.js';

/** A page for people loads nothing and runs nothing. */
export const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const anyJson = z.looseObject({});

/** The API describes itself: for programs, and for people. */
@Controller()
export class DescriptionController {
  private made: OpenApiDocument | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly api: ApiOrigin,
  ) {}

  @Get('openapi.json')
  @Access({ actor: 'anyone', because: 'the description of a public interface is public' })
  @Operation({ summary: 'This description, as OpenAPI 3.1.', reply: anyJson })
  openApi(): OpenApiDocument {
    this.made ??= openApiOf(describedRoutes(this.discovery), this.api, EXAMPLES);
    return this.made;
  }

  @Get('asyncapi.json')
  @Access({ actor: 'anyone', because: 'the description of a public interface is public' })
  @Operation({ summary: 'The frames of the channel, as AsyncAPI 3.0.', reply: anyJson })
  asyncApi(): OpenApiDocument {
    return asyncApiOf(this.api);
  }

  @Get('reference')
  @Access({ actor: 'anyone', because: 'the description of a public interface is public' })
  @Operation({ summary: 'This description, for people.', reply: z.string(), type: 'text/html' })
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', PAGE_POLICY)
  page(): string {
    return referencePage(this.openApi());
  }
}
