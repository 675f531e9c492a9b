import { Ids, Requests } from '@interlock/chassis';
import type { RequestDef } from '@interlock/contracts';
import { Injectable } from '@nestjs/common';

/** The services behind the edge. */
@Injectable()
export class Services {
  constructor(
    private readonly requests: Requests,
    private readonly ids: Ids,
  ) {}

  /** Asks once; no answer in time is a fault (503), never a yes. Every verb behind is repeatable by itself. */
  ask<Ask, Reply>(request: RequestDef<string, Ask, Reply>, body: Ask): Promise<Reply> {
    return this.requests.ask(request, body, { key: this.ids.next('idk') });
  }
}
