import { heardBy, type OrganisationId, type Refusal } from '@interlock/domain';

/** Why this gateway refused or ended a session: in full for its record, and as the company of whoever came may hear it. */
export class SaidNo {
  private inFull: Refusal | undefined;

  constructor(private readonly to: OrganisationId) {}

  say(inFull: Refusal): Refusal {
    this.inFull = inFull;
    return heardBy(this.to, inFull);
  }

  /** In full what was heard; as heard where it was not said here, such as the end of a line. */
  explain(heard: Refusal): Refusal {
    return this.inFull && heardBy(this.to, this.inFull).code === heard.code ? this.inFull : heard;
  }
}
