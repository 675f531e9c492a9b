import { Access, Operation, orRefuse } from '@interlock/chassis';
import { type Explanation, explanationOf, PROBLEM_CODES } from '@interlock/contracts';
import { allow, refuse } from '@interlock/domain';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { z } from 'zod';
import { errorPage, errorsPage } from '../description/error-page.js';
import { PAGE_POLICY } from './description.controller.js';

const aCode = z.string().regex(/^[a-z_]{1,64}$/);

/** A page for each code that a problem may carry: what it means, who can mend it, what to do. */
@Controller('errors')
export class ErrorsController {
  @Get()
  @Access({ actor: 'anyone', because: 'what a code means is public' })
  @Operation({ summary: 'Every code of a problem, for people.', reply: z.string(), type: 'text/html' })
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', PAGE_POLICY)
  all(): string {
    return errorsPage(PROBLEM_CODES.flatMap((code) => explanationOf(code) ?? []));
  }

  @Get(':code')
  @Access({ actor: 'anyone', because: 'what a code means is public' })
  @Operation({
    summary: 'What a code means, who can mend it and what to do: where `type` of a problem leads.',
    reply: z.string(),
    type: 'text/html',
  })
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', PAGE_POLICY)
  one(@Param('code', { schema: aCode }) code: string): string {
    const explained: Explanation | undefined = explanationOf(code);
    return errorPage(orRefuse(explained ? allow(explained) : refuse('not_a_party', { clause: 'code' })));
  }
}
