import type { Digest, ResourceRef } from '@interlock/domain';
import { type Command, InvalidArgumentError } from 'commander';
import { digest } from '../read-arguments.js';
import type { GrantWish } from './ask-for-grant.js';

export interface ListOptions {
  readonly resource?: readonly ResourceRef[];
  readonly resourcesOf?: Digest;
  readonly subjectsOf?: Digest;
}

/** The member lists that bound what is asked for. */
export const withLists = (command: Command): Command =>
  command
    .option('--resources-of <list>', 'the member list of its machines; all of them without --resource', digest)
    .option('--subjects-of <list>', 'the member list of who may act; all of them without --subject', digest);

/** What is asked for, and the lists that bound it; all that is on the list of machines where none is named. */
export function resourcesAsked({
  resource,
  resourcesOf,
  subjectsOf,
}: ListOptions): Pick<GrantWish, 'resources' | 'memberLists'> {
  if (!resource && !resourcesOf) throw new InvalidArgumentError('on what: give --resource or --resources-of');
  const lists = { ...(resourcesOf && { resources: resourcesOf }), ...(subjectsOf && { subjects: subjectsOf }) };
  return { ...(resource && { resources: resource }), ...((resourcesOf ?? subjectsOf) && { memberLists: lists }) };
}
